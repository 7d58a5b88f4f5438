//! Folders of recorded frames: a file a frame, in the order of their names.

use std::fs;
use std::path::{Path, PathBuf};

use super::SourceError;
use crate::limits;

/// Whether the name ends with one of these extensions.
pub(super) fn has_extension(path: &Path, wanted: &[&str]) -> bool {
    path.extension().and_then(|e| e.to_str()).is_some_and(|e| wanted.iter().any(|w| e.eq_ignore_ascii_case(w)))
}

/// All files of `folder` with such names, `frame_9` before `frame_10`.
pub(super) fn files_in(folder: &Path, wanted: fn(&Path) -> bool, kind: &str) -> Result<Vec<PathBuf>, SourceError> {
    let entries = fs::read_dir(folder).map_err(|e| SourceError::unreadable(folder, e))?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| wanted(p)).take(limits::FOLDER_FILES).collect();
    if files.is_empty() {
        return Err(SourceError::unreadable(folder, format!("the folder holds no {kind}")));
    }
    files.sort_by_cached_key(|p| natural(&p.file_name().unwrap_or_default().to_string_lossy()));
    Ok(files)
}

/// Sorting key that takes digits as numbers.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut key = vec![(String::new(), 0u64)];
    let mut in_number = false;
    for c in name.chars() {
        if !c.is_ascii_digit() && in_number {
            key.push((String::new(), 0));
        }
        in_number = c.is_ascii_digit();
        if let Some((text, number)) = key.last_mut() {
            match c.to_digit(10) {
                Some(d) => *number = number.saturating_mul(10).saturating_add(u64::from(d)),
                None => text.push(c),
            }
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_nine_comes_before_frame_ten() {
        let mut names = ["f_10.png", "f_9.png", "a.png", "f_010b.png"];
        names.sort_by_cached_key(|n| natural(n));
        assert_eq!(names, ["a.png", "f_9.png", "f_10.png", "f_010b.png"]);
    }
}
