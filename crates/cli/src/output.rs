//! Writing: to standard output, or to a file that is replaced whole or not at all.

mod file;
mod lock;
mod staged;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::args::Args;
use crate::error::{Error, Result, io_reason};
use crate::manifest::is_standard_input;
use crate::{json, yaml};
pub(crate) use file::{
    cannot_write, create, create_all, followed, is_there, replace, replace_all, replace_unchanged,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Json,
    Yaml,
}

/// Where the result goes, and how it is written.
pub(crate) struct Output {
    format: Format,
    /// What `--format` says, whatever the file is called.
    asked: Format,
    file: Option<PathBuf>,
}

impl Output {
    pub(crate) fn choose(args: &Args) -> Result<Self> {
        let file = args.sealed_secret_file.path().map(Path::to_path_buf);
        let asked = match args.format.to_lowercase().as_str() {
            "yaml" => Format::Yaml,
            "json" | "" => Format::Json,
            _ if is_yaml_file(file.as_deref()) => Format::Yaml,
            _ => {
                return Err(Error::new(format!("unsupported output format: {}", args.format))
                    .hint("json and yaml are the formats there are"));
            }
        };
        let format = if is_yaml_file(file.as_deref()) { Format::Yaml } else { asked };
        Ok(Self { format, asked, file })
    }

    /// For a verb that asks for one format, or leaves it to the name of the file; YAML if that says
    /// nothing.
    pub(crate) fn of_verb(file: Option<&Path>, is_json: Option<bool>) -> Self {
        let is_json_file = file.and_then(Path::extension).is_some_and(|name| name == "json");
        let format = if is_json.unwrap_or(is_json_file) { Format::Json } else { Format::Yaml };
        Self { format, asked: format, file: file.map(Path::to_path_buf) }
    }

    /// Whether a file that is there would be replaced. Pipes and devices are written into.
    pub(crate) fn replaces_a_file(&self) -> bool {
        self.file.as_deref().is_some_and(is_file)
    }

    /// Whether `--format` asks for YAML, for a file that is not the one of `-w`.
    pub(crate) fn asks_for_yaml(&self) -> bool {
        self.asked == Format::Yaml
    }

    /// The file of `-w`.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Writes objects one after another.
    pub(crate) fn write_objects(&self, objects: &[Value]) -> Result<()> {
        self.write(&self.text_of(objects))
    }

    /// What is written of them.
    pub(crate) fn text_of(&self, objects: &[Value]) -> String {
        let objects = objects.iter().map(|object| match self.format {
            Format::Json => json::write(object),
            Format::Yaml => format!("---\n{}", yaml::write(object)),
        });
        objects.collect()
    }

    /// Whether that is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn write(&self, text: &str) -> Result<()> {
        match &self.file {
            Some(path) => replace(path, text),
            None => print(text.as_bytes()),
        }
    }
}

/// Whether a file is there that would be replaced. Pipes and devices are written into.
pub(crate) fn is_file(path: &Path) -> bool {
    !is_standard_output(path) && std::fs::metadata(path).is_ok_and(|there| there.is_file())
}

/// Writes to standard output past the buffer of std, which would keep a copy.
pub(crate) fn print(text: &[u8]) -> Result<()> {
    let written = standard_output().and_then(|mut output| {
        output.write_all(text)?;
        output.flush()
    });
    written.map_err(|error| {
        Error::new(format!("cannot write to standard output: {}", io_reason(&error)))
    })
}

#[cfg(unix)]
fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

/// A console wants UTF-16, which only std's writer makes of UTF-8.
#[cfg(windows)]
fn standard_output() -> io::Result<Box<dyn Write>> {
    use std::io::IsTerminal;
    use std::os::windows::io::AsHandle;
    let stdout = io::stdout();
    if stdout.is_terminal() {
        return Ok(Box::new(stdout));
    }
    Ok(Box::new(File::from(stdout.as_handle().try_clone_to_owned()?)))
}

/// Whether a name means standard output: `-`, the file that Windows does not have, and standard
/// input where it is to be replaced by what became of it.
pub(crate) fn is_standard_output(path: &Path) -> bool {
    path == Path::new("/dev/stdout") || is_standard_input(path)
}

fn is_yaml_file(file: Option<&Path>) -> bool {
    let extension = file.and_then(Path::extension);
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_output_has_names_on_every_platform() {
        for (name, is_it) in
            [("-", true), ("/dev/stdout", true), ("/dev/stdin", true), ("./-", false), ("", false)]
        {
            assert_eq!(is_standard_output(Path::new(name)), is_it, "{name}");
        }
    }
}
