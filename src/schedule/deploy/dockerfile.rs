//! The image: goldsmith and the platform, on a base without a shell, as a user who is not root.

use super::{Deployment, FOLDER, PROGRAM, USER, file, quoted};
use crate::schedule::export::File;

/// `Dockerfile` and what is kept out of the image.
#[must_use]
pub fn dockerfile(deployment: &Deployment<'_>) -> Vec<File> {
    let folders = [Some("target"), deployment.warehouse()];
    let folders =
        folders.into_iter().flatten().map(|folder| format!(", {}", quoted(&format!("{FOLDER}/{folder}"))));
    let folders: String = folders.collect();
    let text = format!(
        "# One image for every source, as goldsmith writes it: goldsmith deploy --to dockerfile\n\
         #   docker build --build-context goldsmith=DIR --tag {image} .\n\
         # DIR holds the program `goldsmith` and `libduckdb.so`. The environment says what a container runs:\n\
         # GOLDSMITH_SELECT=project:datev, GOLDSMITH_PIPELINE=hourly, GOLDSMITH_TARGET=prod, ..\n\
         FROM debian:bookworm-slim AS platform\n\
         COPY . {FOLDER}\n\
         RUN [\"mkdir\", \"-p\"{folders}]\n\
         \n\
         FROM gcr.io/distroless/cc-debian12:nonroot\n\
         LABEL org.opencontainers.image.title={title} \\\n\
         \x20     org.opencontainers.image.description=\"A data warehouse that is split by source system\"\n\
         # A build context, not a stage.\n\
         # hadolint ignore=DL3022\n\
         COPY --from=goldsmith --chmod=0755 goldsmith libduckdb.so /opt/goldsmith/\n\
         COPY --from=platform --chown={USER}:{USER} {FOLDER} {FOLDER}\n\
         ENV LD_LIBRARY_PATH=/opt/goldsmith \\\n\
         \x20   GOLDSMITH_LOG_FORMAT=json \\\n\
         \x20   GOLDSMITH_TARGET={target}\n\
         WORKDIR {FOLDER}\n\
         USER {USER}:{USER}\n\
         ENTRYPOINT [\"{PROGRAM}\"]\n\
         CMD [\"run\"]\n",
        image = deployment.image(),
        title = plain(&deployment.platform.name),
        target = plain(&deployment.target.name),
    );
    let mut ignored = vec![".git".to_owned(), ".env".into(), "**/.env".into(), "target".into()];
    ignored.extend(deployment.warehouse().map(ToOwned::to_owned));
    vec![file("Dockerfile", text), file(".dockerignore", ignored.join("\n") + "\n")]
}

/// A text in quotes, in which nothing is replaced.
fn plain(text: &str) -> String {
    quoted(text).replace('$', "\\$")
}
