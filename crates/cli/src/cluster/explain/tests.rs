use std::fmt;

use rustls::pki_types::ServerName;

use super::*;

/// An error of a type that is not ours, with what is behind it.
#[derive(Debug)]
struct Foreign(&'static str, Option<Box<dyn StdError + Send + Sync>>);

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Foreign {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.1.as_ref().map(|error| &**error as &(dyn StdError + 'static))
    }
}

fn foreign(text: &'static str, behind: impl StdError + Send + Sync + 'static) -> Foreign {
    Foreign(text, Some(Box::new(behind)))
}

fn kind(kind: ErrorKind) -> Foreign {
    foreign("client error (Connect)", io::Error::from(kind))
}

/// As rustls' errors come: inside an I/O error that does not show them as its source.
fn tls(error: rustls::Error) -> Foreign {
    foreign("client error (Connect)", io::Error::new(ErrorKind::InvalidData, error))
}

fn certificate(error: CertificateError) -> Foreign {
    tls(rustls::Error::InvalidCertificate(error))
}

#[test]
fn what_went_wrong_is_found_however_deep_it_is() {
    let resolver = io::Error::other("failed to lookup address information: Name not known");
    let dns = foreign("client error (Connect)", foreign("dns error", resolver));
    let other_name = CertificateError::NotValidForNameContext {
        expected: ServerName::try_from("a.example").unwrap().to_owned(),
        presented: vec!["DnsName(\"b.example\")".to_owned(), "IpAddress(10.0.0.1)".to_owned()],
    };
    let names = vec!["b.example".to_owned(), "10.0.0.1".to_owned()];
    let alert = rustls::Error::AlertReceived(AlertDescription::CertificateRequired);
    let no_tls = rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType);
    let says = |text: &str| Cause::ProxySays(text.to_owned());
    for (error, expected) in [
        (dns, Cause::UnknownHost),
        (kind(ErrorKind::ConnectionRefused), Cause::Refused),
        (kind(ErrorKind::TimedOut), Cause::TimedOut),
        (kind(ErrorKind::ConnectionReset), Cause::HungUp),
        (kind(ErrorKind::UnexpectedEof), Cause::HungUp),
        (kind(ErrorKind::HostUnreachable), Cause::Away("host unreachable".to_owned())),
        (Foreign("connection closed before message completed", None), Cause::HungUp),
        (certificate(CertificateError::UnknownIssuer), Cause::UnknownAuthority),
        (certificate(CertificateError::NotValidForName), Cause::OtherName(Vec::new())),
        (certificate(other_name), Cause::OtherName(names)),
        (certificate(CertificateError::Expired), Cause::Outdated),
        (certificate(CertificateError::NotValidYet), Cause::Outdated),
        (certificate(CertificateError::BadEncoding), Cause::Tls("BadEncoding".to_owned())),
        (tls(alert), Cause::Stranger),
        (tls(no_tls), Cause::NoTls),
        (
            tls(rustls::Error::NoCertificatesPresented),
            Cause::Tls("peer sent no certificates".to_owned()),
        ),
        (
            foreign(
                "tunnel error: failed to create underlying connection",
                kind(ErrorKind::ConnectionRefused),
            ),
            Cause::Refused,
        ),
        (
            foreign(
                "tunnel error: io error establishing tunnel",
                io::Error::from(ErrorKind::ConnectionReset),
            ),
            Cause::HungUp,
        ),
        (Foreign("tunnel error: unexpected end of file", None), Cause::HungUp),
        (Foreign("tunnel error: unsuccessful", None), says("it does not let this through")),
        (
            Foreign("tunnel error: proxy authorization required", None),
            says("proxy authorization required"),
        ),
        (
            Foreign("SOCKS error: failed to create underlying connection", None),
            says("it cannot be reached"),
        ),
        (Foreign("SOCKS error: host unreachable", None), says("host unreachable")),
        (Foreign("Something new\nwith details", None), Cause::Other("something new".to_owned())),
    ] {
        assert_eq!(cause(&error), expected, "{error:?}");
    }
}

#[test]
fn every_failure_says_what_was_tried_and_what_to_do() {
    let direct = Route { server: "https://api".to_owned(), proxy: None };
    let proxied = Route { proxy: Some("http://p".to_owned()), ..direct.clone() };
    for (route, error, expected) in [
        (
            &direct,
            kind(ErrorKind::ConnectionRefused),
            "error: cannot reach https://api: connection refused\n\
             hint: check the kubeconfig and --context, or seal with --cert and no cluster",
        ),
        (
            &proxied,
            Foreign("tunnel error: unsuccessful", None),
            "error: cannot reach https://api through the proxy http://p: \
             the proxy: it does not let this through\n\
             hint: check --proxy-url, proxy-url in the kubeconfig, and the variables HTTPS_PROXY and NO_PROXY",
        ),
        (
            &proxied,
            certificate(CertificateError::UnknownIssuer),
            "error: cannot reach https://api through the proxy http://p: \
             its certificate comes from an unknown authority\n\
             hint: check --context; the cluster's own authority is given with --certificate-authority",
        ),
    ] {
        assert_eq!(Failure::of(&error).told(route, None).to_string(), expected);
    }
    for cause in [
        Cause::UnknownHost,
        Cause::Refused,
        Cause::TimedOut,
        Cause::TooLate(Duration::from_secs(2)),
        Cause::HungUp,
        Cause::NoTls,
        Cause::UnknownAuthority,
        Cause::OtherName(Vec::new()),
        Cause::OtherName(vec!["b".to_owned()]),
        Cause::Outdated,
        Cause::Stranger,
        Cause::Tls("x".to_owned()),
        Cause::ProxySays("x".to_owned()),
        Cause::Other("x".to_owned()),
    ] {
        let failure = Failure { cause, is_before_proxy: false };
        let text = failure.told(&direct, Some("ns/name")).to_string();
        let lines: Vec<_> = text.lines().collect();
        let [error, hint] = lines[..] else { panic!("{text}") };
        assert!(error.starts_with("error: cannot reach ns/name at https://api: "), "{text}");
        assert!(hint.len() > "hint: ".len(), "{text}");
    }
}

#[test]
fn only_who_is_not_there_is_out_of_reach() {
    let of = |cause| Failure { cause, is_before_proxy: false }.is_out_of_reach();
    for error in [kind(ErrorKind::ConnectionRefused), kind(ErrorKind::NetworkUnreachable)] {
        assert!(Failure::of(&error).is_out_of_reach());
    }
    assert!(of(Cause::TimedOut) && of(Cause::UnknownHost));
    for error in [
        certificate(CertificateError::UnknownIssuer),
        certificate(CertificateError::Expired),
        certificate(CertificateError::NotValidForName),
        tls(rustls::Error::AlertReceived(AlertDescription::CertificateRequired)),
        foreign("error reading a body", Foreign("length limit exceeded", None)),
    ] {
        assert!(!Failure::of(&error).is_out_of_reach(), "{error}");
    }
}
