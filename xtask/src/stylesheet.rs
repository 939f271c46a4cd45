//! One stylesheet of many: `style/main.css` imports the partials in their order, and each import is replaced by the
//! file it names, so that the browser asks once.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

/// Reads a stylesheet and puts what it imports in the place of each import.
pub(crate) fn bundle(path: &Path) -> anyhow::Result<String> {
    bundle_within(path, &mut Vec::new())
}

fn bundle_within(path: &Path, importers: &mut Vec<std::path::PathBuf>) -> anyhow::Result<String> {
    if importers.iter().any(|it| it == path) {
        bail!("{} imports itself", path.display());
    }
    let source = fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    importers.push(path.to_path_buf());
    let mut bundled = String::with_capacity(source.len());
    for line in source.lines() {
        match imported(line) {
            Some(name) => bundled += &bundle_within(&path.with_file_name(name), importers)?,
            None => bundled += line,
        }
        bundled.push('\n');
    }
    importers.pop();
    Ok(bundled)
}

/// The file named by a line such as `@import "tokens.css";`. Addresses of other sites stay imports.
fn imported(line: &str) -> Option<&str> {
    let named = line.trim().strip_prefix("@import")?.trim_start();
    let named = named.strip_suffix(';')?.trim_end();
    let named = named.strip_prefix("url(").unwrap_or(named);
    let named = named.strip_suffix(')').unwrap_or(named);
    let name = named.trim_matches(['"', '\'']);
    (!name.contains("://")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_recognised_in_each_of_its_spellings() {
        assert_eq!(imported(r#"@import "tokens.css";"#), Some("tokens.css"));
        assert_eq!(imported("  @import url('pages/chat.css');"), Some("pages/chat.css"));
        assert_eq!(imported("@import url(https://example.org/x.css);"), None);
        assert_eq!(imported("body { color: red }"), None);
    }
}
