//! Asking for a value on the terminal, which does not show what is typed.

use sealwright_crypto::Plaintext;

use crate::error::{Error, Result, io_reason};

/// Asks, and reads a line.
///
/// # Errors
/// When there is no terminal, or whoever sits there gives up.
pub(crate) fn ask(prompt: &str) -> Result<Plaintext> {
    let given_up = Error::new("interrupted: nothing was changed");
    match line(prompt) {
        Ok(Some(line)) => Ok(line),
        Ok(None) => Err(given_up),
        Err(error) => {
            Err(Error::new(format!("cannot read from the terminal: {}", io_reason(&error))))
        }
    }
}

#[cfg(windows)]
fn line(prompt: &str) -> std::io::Result<Option<Plaintext>> {
    Ok(Some(Plaintext::new(rpassword::prompt_password(prompt)?.into_bytes())))
}

#[cfg(unix)]
use unix::line;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{Read, Write};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use sealwright_crypto::Plaintext;

    /// The line that was typed, or none where it was given up.
    pub(super) fn line(prompt: &str) -> std::io::Result<Option<Plaintext>> {
        let terminal = File::options().read(true).write(true).open("/dev/tty")?;
        // Before the prompt: whoever types ahead is not shown either.
        let silent = Silent::make(&terminal)?;
        let typed = (&terminal).write_all(prompt.as_bytes()).and_then(|()| read(&terminal));
        drop(silent);
        (&terminal).write_all(b"\n")?;
        typed
    }

    fn read(mut terminal: &File) -> std::io::Result<Option<Plaintext>> {
        let mut typed = Typed::default();
        let mut key = [0];
        loop {
            if terminal.read(&mut key)? == 0 {
                return Ok(None);
            }
            match typed.key(key[0]) {
                Progress::More => {}
                Progress::Done => return Ok(Some(Plaintext::new(typed.0))),
                Progress::GivenUp => return Ok(None),
            }
        }
    }

    /// A terminal that shows nothing and hands over each key, those of signals too: whoever interrupts
    /// gets back a terminal that shows what is typed.
    struct Silent<'a> {
        terminal: &'a File,
        before: Termios,
    }

    impl<'a> Silent<'a> {
        fn make(terminal: &'a File) -> std::io::Result<Self> {
            let before = tcgetattr(terminal)?;
            let mut silent = before.clone();
            silent.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
            tcsetattr(terminal, OptionalActions::Flush, &silent)?;
            Ok(Self { terminal, before })
        }
    }

    impl Drop for Silent<'_> {
        fn drop(&mut self) {
            // If the terminal is gone, there is nothing to restore.
            let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
        }
    }

    /// What was typed so far.
    #[derive(Default)]
    struct Typed(Vec<u8>);

    #[derive(Debug, PartialEq, Eq)]
    enum Progress {
        More,
        Done,
        GivenUp,
    }

    impl Typed {
        /// A key, with what the terminal itself would make of it (termios(3)).
        fn key(&mut self, key: u8) -> Progress {
            const INTERRUPT: u8 = 0x03;
            const END: u8 = 0x04;
            const BACKSPACE: [u8; 2] = [0x08, 0x7f];
            const KILL: u8 = 0x15;
            const QUIT: u8 = 0x1c;
            match key {
                b'\n' | b'\r' => return Progress::Done,
                INTERRUPT | QUIT => return Progress::GivenUp,
                END if self.0.is_empty() => return Progress::GivenUp,
                END => return Progress::Done,
                KILL => self.0.clear(),
                _ if BACKSPACE.contains(&key) => self.erase(),
                _ => self.0.push(key),
            }
            Progress::More
        }

        /// Takes back a character of UTF-8, which is a byte and those that continue it.
        fn erase(&mut self) {
            while self.0.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn keys_do_what_they_do_in_a_terminal() {
            for (keys, line, end) in [
                ("ab\r", "ab", Progress::Done),
                ("a\u{7f}b\n", "b", Progress::Done),
                ("aü\u{8}\n", "a", Progress::Done),
                ("\u{7f}a\n", "a", Progress::Done),
                ("ab\u{15}c\n", "c", Progress::Done),
                ("ab\u{4}", "ab", Progress::Done),
                ("\u{4}", "", Progress::GivenUp),
                ("ab\u{3}", "ab", Progress::GivenUp),
                ("ab\u{1c}", "ab", Progress::GivenUp),
            ] {
                let mut typed = Typed::default();
                let mut last = Progress::More;
                for key in keys.bytes() {
                    assert_eq!(last, Progress::More, "{keys:?}");
                    last = typed.key(key);
                }
                assert_eq!((typed.0.as_slice(), last), (line.as_bytes(), end), "{keys:?}");
            }
        }
    }
}
