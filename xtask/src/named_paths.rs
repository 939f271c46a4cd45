//! Which paths a source file names: `use crate::{store::Pool, llm}` names `crate::store::Pool` and `crate::llm`.
//!
//! Paths are recognised in the text, whatever stands around them. What only tests and comments name is left out: a test
//! may reach further than what it tests.

use std::collections::BTreeSet;
use std::path::Path;

/// Whether a file holds code that is not only for tests.
pub(crate) fn is_code(file: &Path) -> bool {
    let is_rust = file.extension().is_some_and(|kind| kind == "rs");
    is_rust && !file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

/// The paths of two parts and more in a file's code. Those relative to its module are resolved from where the file is.
pub(crate) fn paths_named_in(source: &str, file: &Path) -> BTreeSet<String> {
    let code = code_of(source);
    let mut paths = BTreeSet::new();
    let mut rest = code.as_str();
    while let Some(start) = rest.find(is_in_identifier) {
        rest = read_path(&rest[start..], "", &mut paths);
    }
    let module = module_of(file);
    paths.iter().filter(|path| path.contains("::")).map(|path| resolve(path, &module)).collect()
}

/// Reads one path that begins here, below a prefix; gives what follows it.
fn read_path<'a>(text: &'a str, prefix: &str, paths: &mut BTreeSet<String>) -> &'a str {
    let end = text.find(|c| !is_in_identifier(c)).unwrap_or(text.len());
    let path = if prefix.is_empty() { text[..end].to_owned() } else { format!("{prefix}::{}", &text[..end]) };
    let Some(below) = text[end..].trim_start().strip_prefix("::") else {
        paths.insert(path);
        return &text[end..];
    };
    let below = below.trim_start();
    if let Some(branches) = below.strip_prefix('{') {
        return read_branches(branches, &path, paths);
    }
    if below.starts_with(is_in_identifier) {
        return read_path(below, &path, paths);
    }
    // A glob, or the parameters of a generic function.
    paths.insert(path + "::*");
    below
}

/// Reads the branches of `a::{…}` after the opening brace; gives what follows the closing one.
fn read_branches<'a>(text: &'a str, prefix: &str, paths: &mut BTreeSet<String>) -> &'a str {
    let mut rest = text;
    while let Some(next) = rest.find(|c| is_in_identifier(c) || c == '}') {
        if rest[next..].starts_with('}') {
            return &rest[next + 1..];
        }
        rest = read_path(&rest[next..], prefix, paths);
    }
    ""
}

fn is_in_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A file's lines without line comments, up to its module of tests.
fn code_of(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut lines = source.lines().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        if line.trim() == "#[cfg(test)]" && next.trim_start().starts_with("mod ") && next.ends_with('{') {
            break;
        }
        code += line.split_once("//").map_or(line, |(code, _)| code);
        code.push('\n');
    }
    code
}

/// The module that a file of a crate holds: `crate`, `web` and `api` for `server/src/web/api/mod.rs`.
fn module_of(file: &Path) -> Vec<String> {
    let mut parts = file
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .skip_while(|part| part != "src")
        .skip(1)
        .collect::<Vec<_>>();
    let last = parts.pop().unwrap_or_default();
    match last.trim_end_matches(".rs") {
        "mod" | "lib" | "main" => {}
        name => parts.push(name.to_owned()),
    }
    parts.insert(0, "crate".to_owned());
    parts
}

/// A path from the crate's root, if it begins at the module.
fn resolve(path: &str, module: &[String]) -> String {
    let mut base = module;
    let mut is_relative = false;
    let mut rest = path;
    while let Some((first, below)) = rest.split_once("::") {
        match first {
            "super" => base = &base[..base.len().saturating_sub(1)],
            "self" => {}
            _ => break,
        }
        is_relative = true;
        rest = below;
    }
    if is_relative { format!("{}::{rest}", base.join("::")) } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_branches_of_an_import_are_written_out() {
        let paths = paths_named_in("use a::{b, c::{d, e}, g::*};", Path::new("server/src/web/mod.rs"));
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["a::b", "a::c::d", "a::c::e", "a::g::*"]);
    }

    #[test]
    fn relative_paths_are_resolved_from_where_the_file_is() {
        let resolved = |path: &str, file: &str| resolve(path, &module_of(Path::new(file)));
        assert_eq!(resolved("super::store", "server/src/web/mod.rs"), "crate::store");
        assert_eq!(resolved("super::super::super::store::Pool", "server/src/web/api/chats.rs"), "crate::store::Pool");
        assert_eq!(resolved("self::api", "server/src/web/mod.rs"), "crate::web::api");
        assert_eq!(resolved("std::fs", "server/src/web/mod.rs"), "std::fs");
    }

    #[test]
    fn comments_and_tests_may_name_anything() {
        let source =
            "//! crate::store\n#[cfg(test)]\nmod fixtures;\nuse a::b;\n#[cfg(test)]\nmod tests {\n use c::d;\n}";
        let paths = paths_named_in(source, Path::new("server/src/web/mod.rs"));
        assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["a::b"]);
        assert!(!is_code(Path::new("server/src/web/tests.rs")));
        assert!(is_code(Path::new("server/src/web/mod.rs")));
    }
}
