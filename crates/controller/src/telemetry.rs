//! The log, in the forms of Go's `log/slog`, which upstream's users feed to their collectors:
//! `time=… level=… msg=…`, or one JSON object a line.

use std::fmt::{self, Write};
use std::io::{self, Stderr, Stdout};

use jiff::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

use crate::args::LogFormat;

/// Starts logging: what is less than a warning to standard output, if asked for, the rest to
/// standard error.
pub(crate) fn start(level: Level, format: LogFormat, info_to_stdout: bool) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        .event_format(Lines(format))
        .with_writer(Streams { info_to_stdout })
        .init();
}

struct Streams {
    info_to_stdout: bool,
}

enum Stream {
    Out(Stdout),
    Err(Stderr),
}

impl io::Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Out(stream) => stream.write(bytes),
            Self::Err(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Out(stream) => stream.flush(),
            Self::Err(stream) => stream.flush(),
        }
    }
}

impl<'a> MakeWriter<'a> for Streams {
    type Writer = Stream;

    fn make_writer(&'a self) -> Stream {
        Stream::Err(io::stderr())
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Stream {
        // Levels order from ERROR up to TRACE.
        if self.info_to_stdout && *metadata.level() > Level::WARN {
            Stream::Out(io::stdout())
        } else {
            Stream::Err(io::stderr())
        }
    }
}

struct Lines(LogFormat);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if is_indiscreet(event.metadata().target()) {
            return Ok(());
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let level = event.metadata().level().as_str();
        writeln!(writer, "{}", line(self.0, &time, level, &fields))
    }
}

/// Libraries that log what they receive: an answer that does not parse, whole, and that may be a
/// Secret.
fn is_indiscreet(target: &str) -> bool {
    ["kube_client", "kube_runtime", "hyper", "tower", "rustls", "h2"]
        .iter()
        .any(|name| target.starts_with(name))
}

fn line(format: LogFormat, time: &str, level: &str, fields: &Fields) -> String {
    let head = [("time", time), ("level", level), ("msg", &fields.message)];
    let head = head.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned()));
    let all = head.chain(fields.others.iter().cloned());
    match format {
        LogFormat::Json => {
            let object: Map<String, Value> = all.map(|(key, value)| (key, value.into())).collect();
            Value::Object(object).to_string()
        }
        LogFormat::Text => {
            let pairs = all.map(|(key, value)| format!("{key}={}", quoted(&value)));
            pairs.collect::<Vec<_>>().join(" ")
        }
    }
}

/// In quotes where the value could not be told from what is around it.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"=\"".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    Value::from(value).to_string()
}

#[derive(Default)]
struct Fields {
    message: String,
    others: Vec<(String, String)>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: String) {
        if field.name() == "message" {
            self.message = value;
        } else {
            self.others.push((field.name().to_owned(), value));
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned());
    }

    #[expect(clippy::use_debug, reason = "tracing hands every formatted message over as Debug")]
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write!(text, "{value:?}");
        self.add(field, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        Fields {
            message: "a \"quoted\" word".to_owned(),
            others: vec![("key".to_owned(), "v".to_owned()), ("empty".to_owned(), String::new())],
        }
    }

    #[test]
    fn text_lines_are_slogs() {
        let line = line(LogFormat::Text, "T", "INFO", &fields());
        assert_eq!(line, r#"time=T level=INFO msg="a \"quoted\" word" key=v empty="""#);
    }

    #[test]
    fn json_lines_are_objects_with_slogs_keys() {
        let line = line(LogFormat::Json, "T", "WARN", &fields());
        let object: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(object["time"], "T");
        assert_eq!(object["level"], "WARN");
        assert_eq!(object["msg"], "a \"quoted\" word");
        assert_eq!(object["key"], "v");
    }

    #[test]
    fn a_line_break_in_a_value_does_not_begin_a_line() {
        assert_eq!(quoted("a\nlevel=ERROR"), r#""a\nlevel=ERROR""#);
    }
}
