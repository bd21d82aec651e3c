//! Time zones. The local zone is UTC.

use std::rc::Rc;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::value::Text;

/// Where a time is shown.
#[derive(Clone)]
pub(crate) enum Zone {
    Utc,
    Local,
    /// `&time.Location{}`: UTC without a name.
    Blank,
    /// An offset in seconds and what it is called, made by reading a time.
    Fixed(Rc<(Text, i64)>),
    /// Of the time zone database.
    Named(TimeZone),
}

/// Seconds in 400 years, after which the calendar and the rules of zones repeat.
const CYCLE: i64 = 146_097 * 86_400;

impl Zone {
    pub(super) fn fixed(name: &[u8], offset: i64) -> Self {
        Self::Fixed(Rc::new((name.into(), offset)))
    }

    /// Go's `LoadLocation`; none if there is no zone of exactly that name.
    pub(crate) fn load(name: &[u8]) -> Option<Self> {
        static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
        /// No name is longer; the longest is `America/Argentina/ComodRivadavia`.
        const LONGEST: usize = 32;
        match name {
            b"" | b"UTC" => Some(Self::Utc),
            b"Local" => Some(Self::Local),
            _ if name.len() > LONGEST => None,
            _ => {
                let name = std::str::from_utf8(name).ok()?;
                let zone = ZONES.get(name).ok()?;
                (zone.iana_name() == Some(name)).then_some(Self::Named(zone))
            }
        }
    }

    /// What `Location.String` says.
    pub(super) fn name(&self) -> Text {
        match self {
            Self::Utc | Self::Local => Text::literal("UTC"),
            Self::Blank => Text::EMPTY,
            Self::Fixed(zone) => zone.0.clone(),
            Self::Named(zone) => zone.iana_name().unwrap_or_default().into(),
        }
    }

    /// Bytes of the name, if there can be many.
    pub(super) fn size(&self) -> usize {
        if let Self::Fixed(zone) = self { zone.0.len() } else { 0 }
    }

    /// The abbreviation and the offset in seconds at a time, in seconds since 1970.
    pub(super) fn at(&self, seconds: i64) -> (Text, i64) {
        match self {
            Self::Utc | Self::Local | Self::Blank => (Text::literal("UTC"), 0),
            Self::Fixed(zone) => (zone.0.clone(), zone.1),
            Self::Named(zone) => {
                let info = zone.to_offset_info(timestamp(seconds));
                (info.abbreviation().into(), info.offset().seconds().into())
            }
        }
    }

    /// Whether Go's locations are deeply equal.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Utc, Self::Utc) | (Self::Local, Self::Local) | (Self::Blank, Self::Blank) => {
                true
            }
            (Self::Fixed(one), Self::Fixed(other)) => one == other,
            (Self::Named(one), Self::Named(other)) => one == other,
            _ => false,
        }
    }

    /// Whether Go's pointers to equal locations are equal: each reading of a time makes a new one,
    /// but for whole hours without a name.
    pub(super) fn identical(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fixed(one), Self::Fixed(other)) => {
                let (name, offset) = &**one;
                let hours = (-12 * 3600..=14 * 3600).contains(offset) && offset % 3600 == 0;
                Rc::ptr_eq(one, other) || name.is_empty() && hours
            }
            _ => true,
        }
    }
}

/// A time that the database knows, at which a zone has the same offset.
fn timestamp(seconds: i64) -> Timestamp {
    let last = Timestamp::MAX.as_second() - 1;
    let seconds = if seconds > last {
        last - CYCLE + (seconds - last).rem_euclid(CYCLE)
    } else {
        seconds.max(Timestamp::MIN.as_second())
    };
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
