//! `doctor`: what is wrong with an installation, and what to do about it. It only looks: nothing in the
//! cluster or on this machine is changed.

mod access;
mod at_rest;
mod certificate;
mod check;
mod clock;
mod controller;
mod definition;
mod objects;
mod reach;
mod readers;
mod tell;

use clap::Args;
use jiff::Timestamp;
use sealwright_sealing::Published;
use serde_json::json;

use super::Ending;
use super::format::Format;
use super::progress::Progress;
use crate::args::ClusterArgs;
use crate::cluster::{Api, Greeting, Look, check_name, context_namespace};
use crate::colour::Paint;
use crate::error::{Cause, Result, say};
use crate::output;
use crate::pins::Pins;
use certificate::{Keys, Order};
use check::Finding;
use clock::Asked;
use controller::{Behind, Service, Workload};
use definition::Definition;
use readers::Home;

/// What to look at.
#[derive(Debug, Args)]
#[command(after_help = "Nothing is changed. What may not be looked at is unknown, and no failure.

Exit codes: 0 all is well, or unknown; 1 warnings or problems; 3 the cluster is not reached.")]
pub(crate) struct Doctor {
    /// How to tell it
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,

    #[command(flatten)]
    cluster: ClusterArgs,
}

/// What several checks need.
struct Seen {
    definition: Definition,
    /// The certificate in the controller's ConfigMap.
    published: Look<Option<Published>>,
    service: Service,
    behind: Behind,
    keys: Keys,
}

/// How many times something is looked at.
const STEPS: usize = 7;

impl Doctor {
    pub(super) fn run(&self) -> Result<Ending> {
        self.check_names().map_err(|error| error.of(Cause::Usage))?;
        let (findings, is_reached) = match self.reach() {
            Ok((api, greeting, asked)) => (self.examine(&api, &greeting, asked), true),
            Err(error) => (vec![reach::unreached(&error)], false),
        };
        self.print(&findings, is_reached)?;
        if !is_reached {
            say("the other checks are left out: they need the cluster");
            return Ok(Ending::Unreached);
        }
        say(format_args!("{}", tell::sum(&findings)));
        Ok(check::ending(&findings))
    }

    fn check_names(&self) -> Result<()> {
        check_name("--controller-name", &self.cluster.controller_name)?;
        check_name("--controller-namespace", &self.cluster.controller_namespace)
    }

    /// The cluster, and when it was asked for the first time.
    fn reach(&self) -> Result<(Api, Greeting, Asked)> {
        let api = Api::connect(&self.cluster)?;
        // The first request may have to get credentials and a connection.
        api.greet()?;
        let from = Timestamp::now();
        let greeting = api.greet()?;
        Ok((api, greeting, Asked { from, to: Timestamp::now() }))
    }

    /// Every check, those first that others build on.
    fn examine(&self, api: &Api, greeting: &Greeting, asked: Asked) -> Vec<Finding> {
        let progress = Progress::begin(STEPS, "steps");
        let ahead = clock::ahead(greeting.date.as_deref(), asked);
        let mut findings = reach::findings(api, greeting);
        findings.push(clock::finding(ahead));
        progress.step();
        let seen = self.look(api);
        progress.step();
        findings.push(seen.definition.finding(seen.is_ours()));
        findings.push(controller::finding(&self.cluster, &seen.service, &seen.behind));
        let now_there = asked.to.as_second() + ahead.unwrap_or_default();
        findings.extend(seen.certificates(api, asked.to, now_there));
        progress.step();
        findings.extend(self.objects(api, &seen, asked.to));
        progress.step();
        findings.extend(self.rights(api, &seen));
        progress.step();
        findings.push(seen.readers(api));
        progress.step();
        findings.push(at_rest::finding(api));
        progress.end();
        findings
    }

    /// What several checks need.
    fn look(&self, api: &Api) -> Seen {
        let home = &self.cluster.controller_namespace;
        let service = Service::find(api, &self.cluster);
        Seen {
            definition: Definition::look(api),
            published: certificate::published(api, home),
            behind: Behind::look(api, &service),
            service,
            keys: Keys::look(api, home),
        }
    }

    fn objects(&self, api: &Api, seen: &Seen, now: Timestamp) -> Option<Finding> {
        let own = context_namespace(&self.cluster).ok().flatten();
        let is_reporting = seen.flag("update-status").is_none_or(|flag| flag != "false");
        let is_absent = seen.definition.is_absent();
        (!is_absent).then(|| objects::finding(api, own.as_deref(), is_reporting, now))
    }

    fn rights(&self, api: &Api, seen: &Seen) -> Vec<Finding> {
        let own = context_namespace(&self.cluster).ok().flatten();
        let namespace = own.as_deref().unwrap_or("default");
        let mut findings = vec![access::of_caller(api, &seen.service, namespace)];
        if !seen.service.is_absent() {
            let Seen { service, behind, .. } = seen;
            let of_it = access::of_controller(api, service, &behind.workload, seen.is_ours());
            findings.push(of_it);
        }
        findings
    }

    fn print(&self, findings: &[Finding], is_reached: bool) -> Result<()> {
        let told = json!({
            "reached": is_reached,
            "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
        });
        let table = || tell::table(findings, Paint::of_standard_output());
        output::print(self.output.text(&told, table).as_bytes())
    }
}

impl Seen {
    /// Whether the controller is ours: upstream's publishes nothing, and is called otherwise.
    fn is_ours(&self) -> bool {
        let workload = self.behind.workload.there();
        self.published.there().is_some() || workload.is_some_and(Workload::is_called_ours)
    }

    /// A flag of the controller.
    fn flag(&self, name: &str) -> Option<&str> {
        self.behind.workload.there()?.flag(name)
    }

    /// The certificate, against whatever else says which it should be.
    fn certificates(&self, api: &Api, now: Timestamp, now_there: i64) -> Vec<Finding> {
        if self.service.is_absent() {
            return Vec::new();
        }
        let (served, finding) = certificate::read(&certificate::served(api, &self.service), now);
        let Some(served) = served else { return vec![finding] };
        let known = Pins::load().pinned(&api.place(&self.service.namespace));
        let order = Order::of(self.flag("key-order-priority"));
        let published = self.published.there().and_then(Option::as_ref);
        let others = [
            Some(self.keys.finding(served.fingerprint(), order)),
            certificate::published_finding(&self.published, &served),
            certificate::known(known, &served, published),
            clock::of_certificate(served.validity().not_before, now_there),
        ];
        std::iter::once(finding).chain(others.into_iter().flatten()).collect()
    }

    fn readers(&self, api: &Api) -> Finding {
        let account = self.behind.workload.there().map(|workload| workload.account.as_str());
        let names = self.service.names.iter().map(String::as_str);
        readers::finding(
            api,
            &Home {
                namespace: &self.service.namespace,
                accounts: account.map_or_else(|| names.collect(), |account| vec![account]),
                keys: self.keys.names(),
            },
        )
    }
}
