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
use controller::{Behind, Service};
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
        let (flags, home) = (&self.cluster, self.cluster.controller_namespace.as_str());
        let progress = Progress::begin(STEPS, "steps");
        let ahead = clock::ahead(greeting.date.as_deref(), asked);
        let mut findings = reach::findings(api, greeting);
        findings.push(clock::finding(ahead));
        progress.step();

        let definition = Definition::look(api);
        let published = certificate::published(api, home);
        // Upstream's controller publishes nothing.
        let is_ours = published.there().is_some();
        findings.push(definition.finding(is_ours));
        progress.step();

        let service = Service::find(api, flags);
        let behind = Behind::look(api, &service);
        findings.push(controller::finding(flags, &service, &behind));
        progress.step();

        let keys = Keys::look(api, home);
        if !service.is_absent() {
            let now_there = asked.to.as_second() + ahead.unwrap_or_default();
            let order = behind.workload.there().and_then(|found| found.flag("key-order-priority"));
            findings.extend(certificates(
                api,
                &service,
                &keys,
                &published,
                Order::of(order),
                now_there,
            ));
        }
        progress.step();

        let own = context_namespace(flags).ok().flatten();
        if definition.is_served() {
            let flag = behind.workload.there().and_then(|found| found.flag("update-status"));
            let is_reporting = flag.is_none_or(|flag| flag != "false");
            findings.push(objects::finding(api, own.as_deref(), is_reporting, asked.to));
        }
        progress.step();

        let namespace = own.as_deref().unwrap_or("default");
        findings.push(access::of_caller(api, &service, namespace));
        if !service.is_absent() {
            findings.push(access::of_controller(api, &service, &behind.workload, is_ours));
        }
        progress.step();

        let account = behind.workload.there().map(|workload| workload.account.as_str());
        let names = service.names.iter().map(String::as_str);
        let accounts = account.map_or_else(|| names.collect(), |account| vec![account]);
        let home = Home { namespace: home, accounts, keys: keys.names() };
        findings.push(readers::finding(api, &home));
        findings.push(at_rest::finding(api));
        progress.end();
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

/// The certificate, against whatever else says which it should be.
fn certificates(
    api: &Api,
    service: &Service,
    keys: &Keys,
    published: &Look<Option<Published>>,
    order: Order,
    now_there: i64,
) -> Vec<Finding> {
    let (served, finding) = certificate::read(&certificate::served(api, service), Timestamp::now());
    let Some(served) = served else { return vec![finding] };
    let seen = Pins::load().pinned(&api.place(&service.namespace));
    let is_published = published.there().and_then(Option::as_ref);
    let others = [
        Some(keys.finding(served.fingerprint(), order)),
        certificate::published_finding(published, &served),
        certificate::known(seen, &served, is_published),
        clock::of_certificate(served.validity().not_before, now_there),
    ];
    std::iter::once(finding).chain(others.into_iter().flatten()).collect()
}
