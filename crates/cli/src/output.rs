//! Writing: to standard output, or to a file that is replaced whole or not at all.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::args::Args;
use crate::error::{Error, Result, io_reason};
use crate::{json, yaml};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
}

/// Where the result goes, and how it is written.
pub(crate) struct Output {
    format: Format,
    file: Option<PathBuf>,
}

impl Output {
    pub(crate) fn choose(args: &Args) -> Result<Self> {
        let file = args.sealed_secret_file.clone().filter(|path| !path.as_os_str().is_empty());
        let extension = file.as_ref().and_then(|path| path.extension()).unwrap_or_default();
        let format = match args.format.to_lowercase().as_str() {
            _ if extension == "yaml" || extension == "yml" => Format::Yaml,
            "yaml" => Format::Yaml,
            "json" | "" => Format::Json,
            _ => {
                return Err(Error::new(format!("unsupported output format: {}", args.format))
                    .hint("json and yaml are the formats there are"));
            }
        };
        Ok(Self { format, file })
    }

    /// Writes objects one after another.
    pub(crate) fn write_objects(&self, objects: &[Value]) -> Result<()> {
        let objects = objects.iter().map(|object| match self.format {
            Format::Json => json::write(object),
            Format::Yaml => format!("---\n{}", yaml::write(object)),
        });
        self.write(&objects.collect::<String>())
    }

    pub(crate) fn write(&self, text: &str) -> Result<()> {
        match &self.file {
            Some(path) => replace(path, text),
            None => std::io::stdout().write_all(text.as_bytes()).map_err(|error| {
                Error::new(format!("cannot write to standard output: {}", io_reason(&error)))
            }),
        }
    }
}

/// Puts `text` in the place of the file: written beside it first, then renamed over it. A new
/// file may be read by its owner only; an old one keeps its mode, and a link still points to it.
fn replace(path: &Path, text: &str) -> Result<()> {
    let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let fail = |error: &std::io::Error| {
        Error::new(format!("cannot write {}: {}", path.display(), io_reason(error)))
            .hint(format!("see whether the folder {} is there and writable", folder.display()))
    };
    let mut file = NamedTempFile::new_in(folder).map_err(|error| fail(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| fail(&error))?;
    if let Ok(old) = std::fs::metadata(&target) {
        file.as_file().set_permissions(old.permissions()).map_err(|error| fail(&error))?;
    }
    file.as_file().sync_all().map_err(|error| fail(&error))?;
    file.persist(&target).map_err(|error| fail(&error.error))?;
    Ok(())
}
