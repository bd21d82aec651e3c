//! Bytes in: of a file, or of standard input, read past the buffers of std, which would keep what
//! they held to the end of the process.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use super::given::{is_content, no_path};
use crate::error::{Error, Result, io_reason, say};

/// Room for most manifests.
const FIRST_ROOM: usize = 16 * 1024;

/// The bytes of a file or of standard input, whatever they are.
pub(crate) fn read_bytes(path: Option<&Path>) -> Result<Vec<u8>> {
    match path.filter(|path| !is_standard_input(path)) {
        Some(path) => File::open(local(path, cfg!(windows)))
            .and_then(whole)
            .map_err(|error| cannot_read(path, &error)),
        None => {
            say_that_it_waits();
            standard_input().and_then(whole).map_err(|error| {
                Error::new(format!("cannot read standard input: {}", io_reason(&error)))
            })
        }
    }
}

/// The same of at most so many bytes; None if there are more.
pub(crate) fn read_at_most(path: &Path, limit: usize) -> Result<Option<Vec<u8>>> {
    let enough = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let bytes = if is_standard_input(path) {
        say_that_it_waits();
        standard_input().and_then(|input| whole(input.take(enough)))
    } else {
        File::open(local(path, cfg!(windows))).and_then(|file| whole(file.take(enough)))
    };
    let bytes = bytes.map_err(|error| cannot_read(path, &error))?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

fn cannot_read(path: &Path, error: &io::Error) -> Error {
    let name = path.to_string_lossy();
    if is_content(&name) {
        return no_path(&name);
    }
    Error::new(format!("cannot read {name}: {}", io_reason(error)))
        .hint("check the path and its permissions")
}

/// Whether a name means standard input: kubectl's, and the one that upstream's users give. Windows
/// has no such file.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new("/dev/stdin")
}

/// The path of a file. On Windows `/C:/cert.pem` is what `file:///C:/cert.pem` is without its scheme.
fn local(path: &Path, is_windows: bool) -> &Path {
    let behind_slash = path.to_str().and_then(|text| text.strip_prefix('/'));
    let is_drive = |text: &&str| {
        let mut start = text.chars();
        start.next().is_some_and(|c| c.is_ascii_alphabetic()) && start.next() == Some(':')
    };
    behind_slash.filter(|text| is_windows && is_drive(text)).map_or(path, Path::new)
}

fn say_that_it_waits() {
    if io::stdin().is_terminal() {
        let end = if cfg!(windows) { "Ctrl-Z and Enter" } else { "Ctrl-D" };
        say(format_args!("reading from the terminal; end with {end}"));
    }
}

/// Reads to the end. `read_to_end` would try a few bytes on the stack, which nobody wipes.
fn whole(mut source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut length = 0;
    loop {
        if length == bytes.len() {
            bytes.resize((2 * length).max(FIRST_ROOM), 0);
        }
        match source.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(unix)]
fn standard_input() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// A console's text is UTF-16, which only std's reader makes UTF-8.
#[cfg(windows)]
fn standard_input() -> io::Result<Box<dyn Read>> {
    use std::os::windows::io::AsHandle;
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Ok(Box::new(stdin));
    }
    Ok(Box::new(File::from(stdin.as_handle().try_clone_to_owned()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_has_two_names_on_every_platform() {
        for (name, is_it) in [
            ("-", true),
            ("/dev/stdin", true),
            ("./-", false),
            ("", false),
            ("dev/stdin", false),
            ("/dev/stdin.yaml", false),
            (r"C:\dev\stdin", false),
        ] {
            assert_eq!(is_standard_input(Path::new(name)), is_it, "{name}");
        }
    }

    #[test]
    fn a_drive_letter_stands_at_the_front_on_windows() {
        for (given, on_windows) in [
            ("/C:/certs/cert.pem", "C:/certs/cert.pem"),
            ("/c:", "c:"),
            ("C:/cert.pem", "C:/cert.pem"),
            ("/certs/cert.pem", "/certs/cert.pem"),
            ("//server/share/cert.pem", "//server/share/cert.pem"),
            ("/1:/cert.pem", "/1:/cert.pem"),
            ("", ""),
        ] {
            assert_eq!(local(Path::new(given), true), Path::new(on_windows));
            assert_eq!(local(Path::new(given), false), Path::new(given));
        }
    }

    /// Gives a few bytes at a time, and is interrupted before each. Notes the room that it is given.
    struct Drops<'a> {
        bytes: &'a [u8],
        is_next: bool,
        rooms: Vec<usize>,
    }

    impl<'a> Drops<'a> {
        fn of(bytes: &'a [u8]) -> Self {
            Self { bytes, is_next: true, rooms: Vec::new() }
        }
    }

    impl Read for &mut Drops<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            self.rooms.push(room.len());
            self.is_next = !self.is_next;
            if !self.is_next {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let few = room.len().min(1000);
            self.bytes.read(&mut room[..few])
        }
    }

    #[test]
    fn everything_is_read_however_it_comes() {
        for length in [0, 1, FIRST_ROOM - 1, FIRST_ROOM, FIRST_ROOM + 1, 5 * FIRST_ROOM] {
            let bytes: Vec<u8> = (0..=255).cycle().take(length).collect();
            assert_eq!(whole(&mut Drops::of(&bytes)).unwrap(), bytes);
            assert_eq!(whole(bytes.as_slice()).unwrap(), bytes);
        }
    }

    #[test]
    fn no_few_bytes_are_tried_elsewhere_first() {
        let mut drops = Drops::of(b"hunter2");
        whole(&mut drops).unwrap();
        assert_eq!(drops.rooms[0], FIRST_ROOM);
    }
}
