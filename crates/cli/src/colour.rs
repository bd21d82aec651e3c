//! Colour on a terminal, unless the user wants none (<https://no-color.org>).

use std::io::IsTerminal;

use clap::builder::styling::AnsiColor;

/// What is used of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    Green,
    Yellow,
    Red,
    Cyan,
}

/// How much of it is wanted where something is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    /// It is no terminal.
    Nothing,
    /// A terminal, without colours.
    Marks,
    /// A terminal with colours.
    Colours,
}

impl Paint {
    /// For standard output.
    pub(crate) fn of_standard_output() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        Self::of(
            std::io::stdout().is_terminal(),
            &variable("NO_COLOR"),
            &variable("TERM"),
            cfg!(windows),
        )
    }

    /// Windows' consoles understand colours only once they are told to.
    fn of(is_terminal: bool, no_color: &str, term: &str, is_windows: bool) -> Self {
        if !is_terminal {
            Self::Nothing
        } else if no_color.is_empty() && term != "dumb" && !is_windows {
            Self::Colours
        } else {
            Self::Marks
        }
    }

    /// Whether somebody looks at it.
    pub(crate) fn is_terminal(self) -> bool {
        self != Self::Nothing
    }

    /// The text in that colour.
    pub(crate) fn paint(self, colour: Colour, text: &str) -> String {
        if self != Self::Colours {
            return text.to_owned();
        }
        let colour = match colour {
            Colour::Green => AnsiColor::Green,
            Colour::Yellow => AnsiColor::Yellow,
            Colour::Red => AnsiColor::Red,
            Colour::Cyan => AnsiColor::Cyan,
        };
        let style = colour.on_default();
        format!("{}{text}{}", style.render(), style.render_reset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_whose_users_want_them() {
        for (is_terminal, no_color, term, is_windows, expected) in [
            (true, "", "xterm", false, Paint::Colours),
            (true, "", "", false, Paint::Colours),
            (true, "1", "xterm", false, Paint::Marks),
            (true, "", "dumb", false, Paint::Marks),
            (true, "", "", true, Paint::Marks),
            (false, "", "xterm", false, Paint::Nothing),
        ] {
            let paint = Paint::of(is_terminal, no_color, term, is_windows);
            assert_eq!(paint, expected, "{is_terminal} {no_color} {term} {is_windows}");
        }
        assert_eq!(Paint::Marks.paint(Colour::Red, "x"), "x");
        assert_eq!(Paint::Colours.paint(Colour::Red, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
