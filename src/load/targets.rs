//! Tells of loads that name a target which `goldsmith.yml` does not have.

use crate::nouns::{Body, Platform};
use crate::words::{Code, Diagnostic, nearest};

pub(super) fn unknown(platform: &Platform) -> Vec<Diagnostic> {
    let nodes = platform.projects.iter().flat_map(|p| &p.nodes);
    let named = nodes.filter_map(|node| match &node.body {
        Body::Load(load) => load.target().map(|target| (node, target)),
        _ => None,
    });
    named
        .filter(|(_, target)| !platform.targets.contains_key(&target.name))
        .map(|(node, target)| {
            let known = platform.targets.keys().map(String::as_str);
            let help = match nearest(&target.name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name one of `targets:` in goldsmith.yml, or add it there".to_owned(),
            };
            Diagnostic::new(Code::UnknownName, format!("there is no target `{}`", target.name))
                .at(&node.file, target.span)
                .node(&node.id)
                .help(help)
        })
        .collect()
}
