//! Whether the clocks agree: this machine's, the API server's, and the one that the certificate was
//! made by. Certificates and tokens are judged by them.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::check::Finding;

pub(super) const CHECK: &str = "clock";
/// The header has whole seconds, and says when the answer was begun.
const ROUGHLY: i64 = 2;
/// Nobody notices more than this.
const A_LITTLE: i64 = 30;
/// What is made now is refused elsewhere.
const TOO_MUCH: i64 = 300;

/// A question's beginning and end, by this machine's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// How far the API server's clock is ahead of ours, in seconds; `None` when it does not tell.
pub(super) fn ahead(date: Option<&str>, asked: Asked) -> Option<i64> {
    let date = rfc2822::parse(date?).ok()?.timestamp().as_second();
    let (from, to) = (asked.from.as_second() - ROUGHLY, asked.to.as_second() + ROUGHLY);
    Some(if date < from {
        date - from
    } else if date > to {
        date - to
    } else {
        0
    })
}

/// Of this machine against the API server.
pub(super) fn finding(ahead: Option<i64>) -> Finding {
    let Some(ahead) = ahead else {
        return Finding::unknown(
            CHECK,
            "the API server does not say what time it has",
            "compare `date` on a node with this machine's",
        );
    };
    let off = ahead.abs();
    let way = if ahead > 0 { "behind" } else { "ahead of" };
    let found = format!("this machine is {} {way} the API server", seconds(off));
    let remedy = "set this machine's clock, or the node's, by NTP: certificates and tokens are \
                  judged by them";
    match off {
        0 => Finding::ok(CHECK, "this machine and the API server have the same time"),
        1..=A_LITTLE => Finding::ok(CHECK, found),
        off if off <= TOO_MUCH => Finding::warning(CHECK, found, remedy),
        _ => Finding::problem(CHECK, found, remedy),
    }
}

/// Of the API server against whoever made the certificate, which begins when it is made. A certificate
/// says nothing of a clock that was behind.
pub(super) fn of_certificate(not_before: i64, now_there: i64) -> Option<Finding> {
    let early = not_before - now_there;
    (early > A_LITTLE).then(|| {
        Finding::warning(
            CHECK,
            format!("the sealing certificate begins in {}", seconds(early)),
            "set the clocks of the nodes by NTP: the controller made it by one that is ahead",
        )
    })
}

fn seconds(count: i64) -> String {
    match count {
        0..120 => format!("{count} s"),
        120..7200 => format!("{} min", count / 60),
        7200..172_800 => format!("{} h", count / 3600),
        _ => format!("{} days", count / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::State;
    use super::*;

    fn asked() -> Asked {
        let at = |text: &str| text.parse().unwrap();
        Asked { from: at("2024-03-01T12:00:00Z"), to: at("2024-03-01T12:00:01Z") }
    }

    #[test]
    fn a_header_is_held_against_the_time_of_the_question() {
        for (date, expected) in [
            ("Fri, 01 Mar 2024 12:00:00 GMT", Some(0)),
            ("Fri, 01 Mar 2024 11:59:58 GMT", Some(0)),
            ("Fri, 01 Mar 2024 12:00:03 GMT", Some(0)),
            ("Fri, 01 Mar 2024 12:00:13 GMT", Some(10)),
            ("Fri, 01 Mar 2024 11:00:00 GMT", Some(-3598)),
            ("Thu, 29 Feb 2024 12:00:00 GMT", Some(-86_398)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(ahead(Some(date), asked()), expected, "{date}");
        }
        assert_eq!(ahead(None, asked()), None);
    }

    #[test]
    fn the_further_the_worse() {
        for (ahead, state, text) in [
            (Some(0), State::Ok, "the same time"),
            (Some(-30), State::Ok, "30 s ahead of the API server"),
            (Some(31), State::Warning, "31 s behind the API server"),
            (Some(-300), State::Warning, "5 min ahead of the API server"),
            (Some(301), State::Problem, "5 min behind"),
            (Some(-7200), State::Problem, "2 h ahead"),
            (Some(i64::MAX), State::Problem, "days behind"),
            (None, State::Unknown, "does not say"),
        ] {
            let found = finding(ahead);
            assert_eq!(found.state, state, "{ahead:?}");
            assert!(found.found.contains(text), "{ahead:?}: {}", found.found);
        }
    }

    #[test]
    fn a_certificate_of_the_future_comes_from_a_clock_that_is_ahead() {
        assert_eq!(of_certificate(100, 100), None);
        assert_eq!(of_certificate(130, 100), None);
        let found = of_certificate(3700, 100).unwrap();
        assert_eq!(found.found, "the sealing certificate begins in 60 min");
        assert_eq!(of_certificate(0, 100), None);
    }
}
