//! The things that a platform is made of, as read from disk and not yet connected: platform,
//! target, project, node. Holds data and its small derived facts; reads no files and knows
//! nothing of graphs or warehouses.

mod column;
mod definition;
mod deploy;
mod freshness;
mod kinds;
mod levels;
mod load;
mod model;
mod node;
mod notify;
mod owns;
mod platform;
mod project;
mod publications;
mod schedule;
mod target;
mod test;
mod totals;

pub use column::Column;
pub use definition::{Definition, DefinitionKind};
pub use deploy::{Deploy, Sidecar};
pub use freshness::{Freshness, Verdict};
pub use kinds::{Kind, Layer, Track};
pub use levels::{Level, Levels};
pub use load::{CommandOrigin, Control, FileFormat, FileOrigin, Load, OnSchemaChange, Origin, TargetName};
pub use model::{Hook, IncrementalStrategy, Materialization, ModelConfig};
pub use node::{Body, Node, node_id};
pub use notify::{Notify, Occasion, Webhook};
pub use owns::Owns;
pub use platform::{Pipeline, Platform};
pub use project::{Project, Schemas};
pub use publications::{BusinessDate, Publications};
pub use schedule::{Schedule, Timing};
pub use target::{Engine, Server, Setting, SqlServer, Target};
pub use test::{GenericTest, TestSeverity, TestSpec};
pub use totals::Totals;
