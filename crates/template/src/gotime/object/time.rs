//! `time.Time` and its methods. Those that return more than one value and an error (`Date`,
//! `Clock`, `Zone` …) cannot be called from templates.

use std::any::Any;

use Type::{Bool, Bytes, Int, Int64};

use super::duration::{self, argument as duration};
use super::names::{LOCATION, Location, MONTH, Month, WEEKDAY, Weekday, no_location};
use crate::context::Context;
use crate::error::Fault;
use crate::funcs::{Args, Function};
use crate::gotime::layout::MONTHS;
use crate::gotime::time::{Time, WALL};
use crate::gotime::zone::Zone;
use crate::value::{Kind, List, Object, ObjectType, Type, Value};

/// The type of times.
pub(crate) static TIME: ObjectType =
    ObjectType { name: "time.Time", kind: Kind::Struct, integer: None };

/// The type as a parameter or result.
const TYPE: Type = Type::Object(&TIME);

/// A time as a value.
pub(crate) fn value(time: Time) -> Value {
    Value::object(time)
}

impl Object for Time {
    fn object_type(&self) -> &'static ObjectType {
        &TIME
    }

    fn method(&self, name: &str) -> Option<&'static Function> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn size(&self) -> usize {
        self.zone.size()
    }

    fn string(&self) -> Option<Vec<u8>> {
        Some(self.text())
    }

    fn go_string(&self) -> Option<Vec<u8>> {
        Some(self.go_text())
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let nanoseconds = self.nanoseconds.unsigned_abs();
        let (wall, ext) = match self.monotonic {
            None => (nanoseconds, self.seconds),
            Some(clock) => {
                let seconds = (self.seconds - WALL).unsigned_abs();
                (1 << 63 | seconds << 30 | nanoseconds, clock)
            }
        };
        let zone = match &self.zone {
            Zone::Utc => no_location(),
            zone => Value::object(Location(zone.clone())),
        };
        vec![("wall", Value::Uint64(wall)), ("ext", Value::Int64(ext)), ("loc", zone)]
    }

    fn json(&self) -> Option<Result<Vec<u8>, Fault>> {
        Some(self.quoted())
    }

    fn equals(&self, other: &dyn Object) -> bool {
        (other as &dyn Any).downcast_ref::<Self>().is_some_and(|other| {
            (self.seconds, self.nanoseconds, self.monotonic)
                == (other.seconds, other.nanoseconds, other.monotonic)
                && self.zone.same(&other.zone)
        })
    }

    fn identical(&self, other: &dyn Object) -> bool {
        let other = (other as &dyn Any).downcast_ref::<Self>();
        other.is_some_and(|other| self.equals(other) && self.zone.identical(&other.zone))
    }
}

static METHODS: &[Function] = &[
    Function::new("Add", &[duration::TYPE], TYPE, |_, args| {
        Ok(value(receiver(args)?.add(duration(args, 1)?)))
    }),
    Function::new("AddDate", &[Int, Int, Int], TYPE, |_, args| {
        Ok(value(receiver(args)?.add_date(args.int(1), args.int(2), args.int(3))))
    }),
    Function::new("After", &[TYPE], Bool, |_, args| Ok(compare(args)?.is_gt().into())),
    Function::new("AppendBinary", &[Bytes], Bytes, |context, args| {
        let binary = receiver(args)?.binary()?;
        append(context, args, |output| output.extend(binary))
    }),
    Function::new("AppendFormat", &[Bytes, Type::Text], Bytes, |context, args| {
        let (time, layout) = (receiver(args)?, args.text(2).clone());
        time.pay(context, &layout)?;
        append(context, args, |output| time.append_format(output, &layout))
    }),
    Function::new("AppendText", &[Bytes], Bytes, |context, args| {
        let text = written(context, args)?.rfc3339()?;
        append(context, args, |output| output.extend(text))
    }),
    Function::new("Before", &[TYPE], Bool, |_, args| Ok(compare(args)?.is_lt().into())),
    Function::new("Compare", &[TYPE], Int, |_, args| Ok(Value::Int(compare(args)? as i64))),
    Function::new("Day", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.date().day))),
    Function::new("Equal", &[TYPE], Bool, |_, args| Ok(compare(args)?.is_eq().into())),
    Function::new("Format", &[Type::Text], Type::Text, |context, args| {
        let time = receiver(args)?;
        time.pay(context, args.text(1))?;
        Ok(time.format(args.text(1)).into())
    }),
    Function::new("GoString", &[], Type::Text, |context, args| {
        Ok(written(context, args)?.go_text().into())
    }),
    Function::new("GobEncode", &[], Bytes, |_, args| Ok(bytes(receiver(args)?.binary()?))),
    Function::new("Hour", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.clock().0))),
    Function::new("In", &[Type::Object(&LOCATION)], TYPE, |_, args| {
        let location = args.any(1).downcast::<Location>().ok_or("missing location")?;
        Ok(value(receiver(args)?.shown_in(location.0.clone())))
    }),
    Function::new("IsDST", &[], Bool, |_, _| Ok(false.into())),
    Function::new("IsZero", &[], Bool, |_, args| {
        let time = receiver(args)?;
        Ok((time.seconds == 0 && time.nanoseconds == 0).into())
    }),
    Function::new("Local", &[], TYPE, |_, args| Ok(value(receiver(args)?.shown_in(Zone::Local)))),
    Function::new("Location", &[], Type::Object(&LOCATION), |_, args| {
        Ok(Value::object(Location(receiver(args)?.zone)))
    }),
    Function::new("MarshalBinary", &[], Bytes, |_, args| Ok(bytes(receiver(args)?.binary()?))),
    Function::new("MarshalJSON", &[], Bytes, |context, args| {
        Ok(bytes(written(context, args)?.quoted()?))
    }),
    Function::new("MarshalText", &[], Bytes, |context, args| {
        Ok(bytes(written(context, args)?.rfc3339()?))
    }),
    Function::new("Minute", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.clock().1))),
    Function::new("Month", &[], Type::Object(&MONTH), |_, args| {
        Ok(Value::object(Month(receiver(args)?.date().month)))
    }),
    Function::new("Nanosecond", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.nanoseconds))),
    Function::new("Round", &[duration::TYPE], TYPE, |_, args| {
        Ok(value(receiver(args)?.round(duration(args, 1)?)))
    }),
    Function::new("Second", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.clock().2))),
    Function::new("String", &[], Type::Text, |context, args| {
        Ok(written(context, args)?.text().into())
    }),
    Function::new("Sub", &[TYPE], duration::TYPE, |_, args| {
        Ok(Value::object(receiver(args)?.since(&other(args)?)))
    }),
    Function::new("Truncate", &[duration::TYPE], TYPE, |_, args| {
        Ok(value(receiver(args)?.truncate(duration(args, 1)?)))
    }),
    Function::new("UTC", &[], TYPE, |_, args| Ok(value(receiver(args)?.shown_in(Zone::Utc)))),
    Function::new("Unix", &[], Int64, |_, args| Ok(Value::Int64(receiver(args)?.unix()))),
    Function::new("UnixMicro", &[], Int64, |_, args| unix(args, 1_000)),
    Function::new("UnixMilli", &[], Int64, |_, args| unix(args, 1_000_000)),
    Function::new("UnixNano", &[], Int64, |_, args| {
        Ok(Value::Int64(receiver(args)?.unix_nanoseconds()))
    }),
    Function::new("Weekday", &[], Type::Object(&WEEKDAY), |_, args| {
        Ok(Value::object(Weekday(receiver(args)?.weekday())))
    }),
    Function::new("Year", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.date().year))),
    Function::new("YearDay", &[], Int, |_, args| Ok(Value::Int(receiver(args)?.year_day()))),
];

fn receiver(args: &Args<'_>) -> Result<Time, Fault> {
    time(args, 0)
}

/// The receiver, once it is paid for that it is written as a whole.
fn written(context: &mut Context<'_>, args: &Args<'_>) -> Result<Time, Fault> {
    let time = receiver(args)?;
    time.pay(context, b"")?;
    Ok(time)
}

fn other(args: &Args<'_>) -> Result<Time, Fault> {
    time(args, 1)
}

fn time(args: &Args<'_>, at: usize) -> Result<Time, Fault> {
    args.any(at).downcast::<Time>().cloned().ok_or(Fault::new("no time"))
}

fn compare(args: &Args<'_>) -> Result<std::cmp::Ordering, Fault> {
    Ok(receiver(args)?.compare(&other(args)?))
}

/// The time in units of so many nanoseconds.
fn unix(args: &Args<'_>, unit: i64) -> Result<Value, Fault> {
    let time = receiver(args)?;
    let seconds = time.unix().wrapping_mul(1_000_000_000 / unit);
    Ok(Value::Int64(seconds.wrapping_add(time.nanoseconds / unit)))
}

fn bytes(bytes: Vec<u8>) -> Value {
    Value::Bytes(List::from(bytes))
}

/// Argument 1 with more bytes behind it.
fn append(
    context: &mut Context<'_>,
    args: &Args<'_>,
    write: impl FnOnce(&mut Vec<u8>),
) -> Result<Value, Fault> {
    let mut output = match args.any(1) {
        Value::Bytes(bytes) => {
            context.room(bytes.len())?;
            bytes.to_vec()
        }
        _ => Vec::new(),
    };
    write(&mut output);
    Ok(bytes(output))
}

impl Time {
    /// As `MarshalJSON` writes it.
    fn quoted(&self) -> Result<Vec<u8>, Fault> {
        self.rfc3339().map(|text| [b"\"", &*text, b"\""].concat())
    }

    /// As `GoString` writes it.
    fn go_text(&self) -> Vec<u8> {
        let date = self.date();
        let month = MONTHS[(date.month - 1).unsigned_abs() as usize % 12];
        let (hour, minute, second) = self.clock();
        let parts = format!(
            "time.Date({}, time.{month}, {}, {hour}, {minute}, {second}, {}, ",
            date.year, date.day, self.nanoseconds
        );
        let zone = match &self.zone {
            Zone::Utc => b"time.UTC".to_vec(),
            Zone::Local => b"time.Local".to_vec(),
            // Names are capitals, digits and signs: nothing to escape.
            zone => [b"time.Location(\"", &*zone.name(), b"\")"].concat(),
        };
        [parts.as_bytes(), &zone, b")"].concat()
    }

    /// As `MarshalBinary` writes it.
    fn binary(&self) -> Result<Vec<u8>, Fault> {
        let offset = self.zone_at().1;
        let minutes = match self.zone {
            Zone::Utc => Some(-1),
            _ => i16::try_from(offset / 60).ok().filter(|minutes| *minutes != -1),
        };
        let minutes = minutes.ok_or("unexpected zone offset")?;
        let nanoseconds = u32::try_from(self.nanoseconds).unwrap_or_default();
        let seconds = if matches!(self.zone, Zone::Utc) { 0 } else { offset % 60 };
        let mut binary = vec![if seconds == 0 { 1 } else { 2 }];
        binary.extend(self.seconds.to_be_bytes());
        binary.extend(nanoseconds.to_be_bytes());
        binary.extend(minutes.to_be_bytes());
        if seconds != 0 {
            binary.push(seconds.to_le_bytes()[0]);
        }
        Ok(binary)
    }
}
