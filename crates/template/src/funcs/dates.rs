//! Sprig's functions on times and durations. What is no time is often taken for now, so most of
//! them read the clock.

use Type::{Any, Text};

use super::{Args, Function};
use crate::context::Context;
use crate::error::Fault;
use crate::gotime::{self, Duration, TIME, Time, Zone, parse_duration};
use crate::value::{Type, Value};

const TYPE: Type = Type::Object(&TIME);
const SECOND: i64 = 1_000_000_000;

/// What it takes to print a duration.
const PRINTED: u64 = 32;

pub(super) static FUNCTIONS: &[Function] = &[
    Function::new("ago", &[Any], Text, ago).unsteady(),
    Function::new("date", &[Text, Any], Text, date).unsteady(),
    Function::new("dateInZone", &[Text, Any, Text], Text, date_in_zone).unsteady(),
    Function::new("dateModify", &[Text, TYPE], TYPE, modify),
    Function::new("date_in_zone", &[Text, Any, Text], Text, date_in_zone).unsteady(),
    Function::new("date_modify", &[Text, TYPE], TYPE, modify),
    Function::new("duration", &[Any], Text, duration),
    Function::new("durationRound", &[Any], Text, duration_round).unsteady(),
    Function::new("htmlDate", &[Any], Text, html_date).unsteady(),
    Function::new("htmlDateInZone", &[Any, Text], Text, html_date_in_zone).unsteady(),
    Function::new("mustDateModify", &[Text, TYPE], TYPE, must_modify),
    Function::new("mustToDate", &[Text, Text], TYPE, must_to_date),
    Function::new("must_date_modify", &[Text, TYPE], TYPE, must_modify),
    Function::new("now", &[], TYPE, now).unsteady(),
    Function::new("toDate", &[Text, Text], TYPE, to_date),
    Function::new("unixEpoch", &[TYPE], Text, unix_epoch),
];

fn now(context: &mut Context<'_>, _: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(gotime::value(Time::now(context)))
}

fn date(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    format(context, args.text(0), args.any(1), b"Local")
}

fn date_in_zone(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    format(context, args.text(0), args.any(1), args.text(2))
}

fn html_date(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    format(context, b"2006-01-02", args.any(0), b"Local")
}

fn html_date_in_zone(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    format(context, b"2006-01-02", args.any(0), args.text(1))
}

/// In UTC if there is no such zone.
fn format(
    context: &mut Context<'_>,
    layout: &[u8],
    date: &Value,
    zone: &[u8],
) -> Result<Value, Fault> {
    let time = time_of(context, date).shown_in(Zone::load(zone).unwrap_or(Zone::Utc));
    time.pay(context, layout)?;
    Ok(time.format(layout).into())
}

/// A time, or seconds since 1970; now for anything else.
fn time_of(context: &mut Context<'_>, date: &Value) -> Time {
    match date {
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_unix(*seconds),
        other => other.downcast().cloned().unwrap_or_else(|| Time::now(context)),
    }
}

fn modify(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let modified = must_modify(context, args);
    or(modified, || args.take(1))
}

fn must_modify(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    let duration = parse_duration(context, args.text(0))?;
    Ok(gotime::value(time(args, 1)?.add(duration)))
}

fn to_date(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    or(must_to_date(context, args), || gotime::value(Time::ZERO))
}

fn must_to_date(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Time::parse(context, args.text(0), args.text(1)).map(gotime::value)
}

/// The result, or another for what was refused. A limit is one.
fn or<T>(result: Result<T, Fault>, other: impl FnOnce() -> T) -> Result<T, Fault> {
    match result {
        Err(Fault { limit: false, .. }) => Ok(other()),
        result => result,
    }
}

fn unix_epoch(_: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    Ok(time(args, 0)?.unix().to_string().into_bytes().into())
}

fn time<'a>(args: &'a Args<'_>, at: usize) -> Result<&'a Time, Fault> {
    args.any(at).downcast().ok_or(Fault::new("no time"))
}

fn ago(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    context.spend(PRINTED)?;
    let time = time_of(context, args.any(0));
    let elapsed = Time::now(context).since(&time).round(Duration(SECOND));
    Ok(elapsed.text().into_bytes().into())
}

/// Seconds, as a string or an `int64`; an `int` is none to Sprig.
fn duration(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    context.spend(PRINTED)?;
    let seconds = match args.any(0) {
        Value::Text(text) => {
            context.spend(text.len() as u64 / 4)?;
            parse_int(text)
        }
        Value::Int64(seconds) => *seconds,
        _ => 0,
    };
    Ok(Duration(seconds.wrapping_mul(SECOND)).text().into_bytes().into())
}

/// `strconv.ParseInt(text, 10, 64)` without its error: 0 for what is no number, the end of the
/// range for what is beyond it.
fn parse_int(text: &[u8]) -> i64 {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    let beyond = if text.starts_with(b"-") { i64::MIN } else { i64::MAX };
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(beyond)
}

/// The largest unit alone, rounded down and without a sign.
fn duration_round(context: &mut Context<'_>, args: &mut Args<'_>) -> Result<Value, Fault> {
    const UNITS: [(u64, &str); 6] = [
        (365 * 24 * 3600, "y"),
        (30 * 24 * 3600, "mo"),
        (24 * 3600, "d"),
        (3600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    context.spend(PRINTED)?;
    let duration = match args.any(0) {
        Value::Text(text) => or(parse_duration(context, text), || Duration(0))?,
        Value::Int64(nanoseconds) => Duration(*nanoseconds),
        other => match other.downcast::<Time>() {
            Some(time) => Time::now(context).since(time),
            None => Duration(0),
        },
    };
    let length = duration.0.unsigned_abs();
    for (seconds, name) in UNITS {
        let unit = seconds * SECOND.unsigned_abs();
        if length > unit {
            return Ok(format!("{}{name}", length / unit).into_bytes().into());
        }
    }
    Ok(Value::literal("0s"))
}
