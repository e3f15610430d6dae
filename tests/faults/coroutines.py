"""Fault tests whose servers and clients are many: coroutines on a loop in a thread."""

import asyncio
import threading

from http_support import ProxyTest


async def read_message(reader):
    """The head's lines, and the body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
    if fields.get("transfer-encoding") != "chunked":
        return head[0], fields, await reader.readexactly(int(fields.get("content-length", 0)))
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return head[0], fields, body


class Loop:
    """An event loop in a thread, so that servers live through a test."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        # Servers that are cancelled at the end of a test are no news.
        self.loop.set_exception_handler(lambda loop, context: None)
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine, seconds=3600):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(seconds)

    def close(self):
        async def stop():
            others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class LoopTest(ProxyTest):
    """A test whose servers and clients are coroutines."""

    def setUp(self):
        super().setUp()
        self.loop = Loop()
        self.addCleanup(self.loop.close)

    def serve(self, serve):
        """The port of a server that lives as long as the test."""
        server = self.loop.run(asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096))
        self.addCleanup(self.loop.loop.call_soon_threadsafe, server.close)
        return server.sockets[0].getsockname()[1]
