// A plugin for clang-tidy: has the checks look at our own code only.
//
// clang-tidy walks the whole translation unit with every check and then throws away what it
// found in the headers of others; with the standard library and Asio that is most of its time.
// This check finds nothing itself: when the walk reaches the translation unit, it narrows the
// scope to the declarations that do not stand in system headers.  (The static analyzer has a
// walk of its own, and sees as much as ever.)
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>
#include <clang/ASTMatchers/ASTMatchers.h>

#include <vector>

namespace {

using clang::ast_matchers::MatchFinder;

class OwnCode final : public clang::tidy::ClangTidyCheck {
 public:
  using ClangTidyCheck::ClangTidyCheck;

  void registerMatchers(MatchFinder* finder) override {
    finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("unit"), this);
  }

  void check(const MatchFinder::MatchResult& result) override {
    const auto* const unit = result.Nodes.getNodeAs<clang::TranslationUnitDecl>("unit");
    std::vector<clang::Decl*> own;
    for (clang::Decl* const decl : unit->decls()) {
      if (!result.SourceManager->isInSystemHeader(decl->getLocation())) own.push_back(decl);
    }
    result.Context->setTraversalScope(own);
  }
};

class OwnCodeModule final : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& factories) override {
    factories.registerCheck<OwnCode>("sonde-own-code");
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<OwnCodeModule> kAdded("sonde",
                                                                      "Narrows the scope.");

}  // namespace
