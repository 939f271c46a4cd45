//! Files on the disk of a Bot API server of one's own: run with `--local`, it tells where they lie, and serves none of them.
//!
//! They are read from there where this process sees the same disk. Such a server keeps a bot's files in a folder named after
//! the bot's token, and nothing outside of one is read: no answer of a server leads to any other file.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use tokio::io::AsyncReadExt;

/// Where on disk `path` is, if that is where a server keeps the files of the bot with this token.
pub(super) fn place(path: &str, token: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let is_straight = !path.components().any(|part| matches!(part, Component::ParentDir));
    // On some systems no colon may stand in a name.
    let folders = [token.to_owned(), token.replace(':', "~")];
    let is_ours = path.components().any(|part| folders.iter().any(|folder| part.as_os_str() == folder.as_str()));
    (path.is_absolute() && is_straight && is_ours).then(|| path.to_owned())
}

/// Reads at most so many bytes; with whether there are more.
pub(super) async fn read(path: &Path, most: u64) -> io::Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let file = tokio::fs::File::open(path).await?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).await?;
    let is_cut = bytes.len() as u64 > most;
    bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((bytes, is_cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_a_folder_of_the_bot_is_on_disk() {
        let at = |path: &str| place(path, "12:secret").is_some();
        assert!(at("/var/lib/telegram-bot-api/12:secret/photos/file_0.jpg"));
        assert!(at("/data/12~secret/voice/file_1.oga"));
        for other in ["photos/file_0.jpg", "/etc/passwd", "/data/12:secret/../../etc/passwd", "/data/12:secrets/x", ""]
        {
            assert!(!at(other), "{other}");
        }
    }

    #[tokio::test]
    async fn of_a_large_file_the_beginning_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(read(&path, 4).await.unwrap(), (b"0123".to_vec(), true));
        assert_eq!(read(&path, 10).await.unwrap(), (b"0123456789".to_vec(), false));
        assert!(read(&folder.path().join("b.txt"), 10).await.is_err());
    }
}
