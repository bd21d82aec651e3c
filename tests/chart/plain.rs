//! What is applied without Helm: made of the chart, applied over sealed-secrets' own manifest and back,
//! and built upon with kustomize.

mod kustomized;
mod taken_over;
mod written;
