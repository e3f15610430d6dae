// A user who logs in to whatever authorization server discovery names, and consents at once.

export class User {
  clientMetadataUrl = "https://conformance-test.local/client-metadata.json";
  #context;
  #client;
  #tokens;
  #verifier;
  #authorization;

  constructor(context) {
    this.#context = context;
  }

  get redirectUrl() {
    return "http://127.0.0.1:1/callback"; // Never fetched: the redirect is read, not followed.
  }

  get clientMetadata() {
    return {
      client_name: "sonde-conformance-client",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    };
  }

  clientInformation() {
    const { client_id, client_secret } = this.#context;
    return client_id === undefined ? this.#client : { client_id, client_secret };
  }

  saveClientInformation(information) {
    this.#client = information;
  }

  tokens() {
    return this.#tokens;
  }

  saveTokens(tokens) {
    this.#tokens = tokens;
  }

  saveCodeVerifier(verifier) {
    this.#verifier = verifier;
  }

  codeVerifier() {
    return this.#verifier;
  }

  redirectToAuthorization(url) {
    this.#authorization = url;
  }

  /** The parameters with which the authorization server sends the user back. */
  async callback() {
    const response = await fetch(this.#authorization, { redirect: "manual" });
    const location = response.headers.get("location");
    if (!location) throw new Error(`no redirect from ${this.#authorization.origin}: ${response.status}`);
    return new URL(location).searchParams;
  }
}
