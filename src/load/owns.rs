//! Tells where two projects claim the same schema by `owns:`.

use crate::nouns::{Owns, Project, Schemas};
use crate::words::{Code, Diagnostic};

pub(super) fn conflicts(projects: &[Project]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (nth, project) in projects.iter().enumerate() {
        let own = project.database.to_lowercase();
        for pattern in &project.owns {
            for other in &projects[..nth] {
                let others_own = other.database.to_lowercase();
                let clash = other.owns.iter().find(|o| pattern.overlaps(&own, o, &others_own));
                if let Some(clash) = clash {
                    found.push(tell(project, pattern, other).label(
                        &other.file,
                        clash.span,
                        "and here for the other",
                    ));
                }
            }
            // A declared schema always belongs to the project that declares it; a pattern may
            // cover it, but not claim it by name.
            for other in projects.iter().filter(|p| p.name != project.name) {
                let exact = !pattern.schema.contains(['*', '?']);
                if exact
                    && declared(&other.schemas)
                        .any(|s| pattern.covers(&own, &other.database.to_lowercase(), &s))
                {
                    found.push(tell(project, pattern, other).label(
                        &other.file,
                        crate::config::name_span(&other.file),
                        "this project declares the schema",
                    ));
                }
            }
        }
    }
    found
}

fn declared(schemas: &Schemas) -> impl Iterator<Item = String> + '_ {
    [&schemas.bronze, &schemas.silver, &schemas.operational, &schemas.financial]
        .into_iter()
        .map(|s| s.to_lowercase())
}

fn tell(project: &Project, pattern: &Owns, other: &Project) -> Diagnostic {
    let database = pattern.database.as_ref().map(|d| format!("{d}.")).unwrap_or_default();
    Diagnostic::new(
        Code::InvalidYaml,
        format!(
            "`{}` and `{}` both own schemas that `{database}{}` covers",
            other.name, project.name, pattern.schema
        ),
    )
    .at(&project.file, pattern.span)
    .help("a schema belongs to one project: make the patterns of one of them narrower")
}
