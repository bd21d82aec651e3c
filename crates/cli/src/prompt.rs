//! Asking for a value on the terminal, which does not show what is typed.

use sealwright_crypto::Plaintext;

use crate::error::{Error, Result, io_reason};

/// Asks, and reads a line.
///
/// # Errors
/// When there is no terminal, whoever sits there gives up, or a key is pressed that is no character.
pub(crate) fn ask(prompt: &str) -> Result<Plaintext> {
    match line(prompt)? {
        Ok(Answer::Line(line)) => Ok(line),
        #[cfg(unix)]
        Ok(Answer::GivenUp) => Err(Error::new("interrupted: nothing was changed")),
        #[cfg(unix)]
        Ok(Answer::Unusable) => {
            Err(Error::new("a key was pressed that is no character: nothing was changed")
                .hint("KEY=@FILE and KEY=- take every byte, and values of several lines"))
        }
        Err(error) => {
            Err(Error::new(format!("cannot read from the terminal: {}", io_reason(&error))))
        }
    }
}

/// What was typed.
enum Answer {
    Line(Plaintext),
    #[cfg(unix)]
    GivenUp,
    /// Something that a value of one line does not hold.
    #[cfg(unix)]
    Unusable,
}

#[cfg(windows)]
fn line(prompt: &str) -> Result<std::io::Result<Answer>> {
    let typed = rpassword::prompt_password(prompt);
    Ok(typed.map(|typed| Answer::Line(Plaintext::new(typed.into_bytes()))))
}

#[cfg(unix)]
use unix::line;

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read, Write};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };
    use sealwright_crypto::Plaintext;

    use super::Answer;
    use crate::error::Result;
    use crate::signals::{Interrupt, Signals};

    /// The line that was typed. On every way out the terminal shows again what is typed.
    pub(super) fn line(prompt: &str) -> Result<io::Result<Answer>> {
        let ready = (|| {
            let terminal = File::options().read(true).write(true).open("/dev/tty")?;
            Ok((terminal.try_clone()?, terminal))
        })();
        let (reader, terminal) = match ready {
            Ok(ready) => ready,
            Err(error) => return Ok(Err(error)),
        };
        let signals = Signals::listen()?;
        // Before the prompt: whoever types ahead is not shown either.
        let silent = match Silent::make(&terminal) {
            Ok(silent) => silent,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = (&terminal).write_all(prompt.as_bytes()) {
            return Ok(Err(error));
        }
        let typed = signals.unless_told_to_end(Interrupt::Ours, move || read(&reader));
        drop(silent);
        // Where the terminal is gone, so is whoever looked at it.
        let _ = (&terminal).write_all(b"\n");
        Ok(typed.unwrap_or(Ok(Answer::GivenUp)))
    }

    fn read(mut terminal: &File) -> io::Result<Answer> {
        let mut typed = Typed::default();
        let mut key = [0];
        loop {
            if terminal.read(&mut key)? == 0 {
                return Ok(Answer::GivenUp);
            }
            match typed.key(key[0]) {
                Progress::More => {}
                Progress::Done => return Ok(Answer::Line(Plaintext::new(typed.0))),
                Progress::GivenUp => return Ok(Answer::GivenUp),
                Progress::Unusable => return Ok(Answer::Unusable),
            }
        }
    }

    /// A terminal that shows nothing and hands over each key, those of signals too.
    struct Silent<'a> {
        terminal: &'a File,
        before: Termios,
    }

    impl<'a> Silent<'a> {
        fn make(terminal: &'a File) -> io::Result<Self> {
            let before = tcgetattr(terminal)?;
            let mut silent = before.clone();
            silent.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
            // A key at a time, as soon as it is pressed.
            silent.special_codes[SpecialCodeIndex::VMIN] = 1;
            silent.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(terminal, OptionalActions::Flush, &silent)?;
            Ok(Self { terminal, before })
        }
    }

    impl Drop for Silent<'_> {
        fn drop(&mut self) {
            // The rest of what was pasted must not go to the shell, which would remember it. If the
            // terminal is gone, there is nothing to restore.
            let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
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
        Unusable,
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
                // Ctrl-W, arrows, the marks of a paste: nobody means these to be sealed.
                0..=0x1f if key != b'\t' => return Progress::Unusable,
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
                ("a\tb\n", "a\tb", Progress::Done),
                ("a\u{7f}b\n", "b", Progress::Done),
                ("aü\u{8}\n", "a", Progress::Done),
                ("\u{7f}a\n", "a", Progress::Done),
                ("ab\u{15}c\n", "c", Progress::Done),
                ("ab\u{4}", "ab", Progress::Done),
                ("\u{4}", "", Progress::GivenUp),
                ("ab\u{3}", "ab", Progress::GivenUp),
                ("ab\u{1c}", "ab", Progress::GivenUp),
                ("ab\u{17}", "ab", Progress::Unusable),
                ("ab\u{1a}", "ab", Progress::Unusable),
                ("\u{1b}", "", Progress::Unusable),
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
