//! Schedule triggers of Azure Data Factory, each for a pipeline `goldsmith` that takes the
//! arguments as parameters (Microsoft's documentation, "Create a trigger that runs a pipeline on a schedule").

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fields::Fields;
use super::{File, Place, fields, file_name};
use crate::nouns::Platform;
use crate::schedule::Slot;
use crate::words::{Code, Diagnostic};

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The names of Windows for time zones (Unicode CLDR, `windowsZones`), for the places that people
/// run warehouses from.
const ZONES: [(&str, &str); 34] = [
    ("UTC", "UTC"),
    ("Etc/UTC", "UTC"),
    ("Europe/London", "GMT Standard Time"),
    ("Europe/Dublin", "GMT Standard Time"),
    ("Europe/Lisbon", "GMT Standard Time"),
    ("Europe/Berlin", "W. Europe Standard Time"),
    ("Europe/Vienna", "W. Europe Standard Time"),
    ("Europe/Zurich", "W. Europe Standard Time"),
    ("Europe/Amsterdam", "W. Europe Standard Time"),
    ("Europe/Rome", "W. Europe Standard Time"),
    ("Europe/Stockholm", "W. Europe Standard Time"),
    ("Europe/Oslo", "W. Europe Standard Time"),
    ("Europe/Luxembourg", "W. Europe Standard Time"),
    ("Europe/Paris", "Romance Standard Time"),
    ("Europe/Madrid", "Romance Standard Time"),
    ("Europe/Brussels", "Romance Standard Time"),
    ("Europe/Copenhagen", "Romance Standard Time"),
    ("Europe/Prague", "Central Europe Standard Time"),
    ("Europe/Budapest", "Central Europe Standard Time"),
    ("Europe/Warsaw", "Central European Standard Time"),
    ("Europe/Helsinki", "FLE Standard Time"),
    ("Europe/Athens", "GTB Standard Time"),
    ("Europe/Istanbul", "Turkey Standard Time"),
    ("America/New_York", "Eastern Standard Time"),
    ("America/Toronto", "Eastern Standard Time"),
    ("America/Chicago", "Central Standard Time"),
    ("America/Denver", "Mountain Standard Time"),
    ("America/Los_Angeles", "Pacific Standard Time"),
    ("America/Sao_Paulo", "E. South America Standard Time"),
    ("Asia/Dubai", "Arabian Standard Time"),
    ("Asia/Kolkata", "India Standard Time"),
    ("Asia/Singapore", "Singapore Standard Time"),
    ("Asia/Tokyo", "Tokyo Standard Time"),
    ("Australia/Sydney", "AUS Eastern Standard Time"),
];

/// Azure's name of a platform's time zone.
pub(in crate::schedule) fn zone(platform: &Platform) -> Result<&'static str, Box<Diagnostic>> {
    let found = ZONES.iter().find(|(iana, _)| *iana == platform.timezone);
    found.map(|(_, zone)| *zone).ok_or_else(|| {
        let message = format!("Azure's name for the time zone `{}` is not known here", platform.timezone);
        Box::new(
            Diagnostic::new(Code::InvalidYaml, message)
                .at(&platform.file, crate::words::Span::default())
                .help("export for another scheduler, or run `goldsmith schedule run` in a container"),
        )
    })
}

/// The triggers of some slots.
pub fn adf(platform: &Platform, slots: &[Slot<'_>], place: &Place) -> Result<Vec<File>, Box<Diagnostic>> {
    let zone = zone(platform)?;
    slots
        .iter()
        .map(|slot| {
            let name = file_name(platform, slot);
            let recurrence = recurrence(&fields(slot, "Azure Data Factory")?, zone).map_err(|problem| {
                Box::new(
                    Diagnostic::new(
                        Code::InvalidYaml,
                        format!("`{}` can't be written for Azure Data Factory: {problem}", slot.timing.text),
                    )
                    .at(&slot.project.file, slot.timing.span),
                )
            })?;
            let (select, exclude) = slot.selection();
            let trigger = json!({
                "name": name,
                "properties": {
                    "annotations": ["goldsmith"],
                    "description": format!("{} of {}", slot.kind.word(), slot.project.name),
                    "runtimeState": "Stopped",
                    "type": "ScheduleTrigger",
                    "typeProperties": { "recurrence": recurrence },
                    "pipelines": [{
                        "pipelineReference": { "referenceName": "goldsmith", "type": "PipelineReference" },
                        "parameters": {
                            "target": place.target,
                            "pipeline": slot.pipeline().word(),
                            "select": select,
                            "exclude": exclude.unwrap_or_default(),
                        },
                    }],
                },
            });
            let text = serde_json::to_string_pretty(&trigger).unwrap_or_default() + "\n";
            Ok(File { name: format!("{name}.json"), text })
        })
        .collect()
}

/// A trigger knows minutes, hours, and either days of the week or days of the month.
pub(in crate::schedule) fn recurrence(fields: &Fields, zone: &str) -> Result<Value, &'static str> {
    let all = |values: &Option<BTreeSet<u8>>, most: u8| -> Vec<u8> {
        values.as_ref().map_or_else(|| (0..=most).collect(), |v| v.iter().copied().collect())
    };
    if fields.months.is_some() {
        return Err("a trigger knows no months");
    }
    let mut schedule = json!({ "minutes": all(&fields.minutes, 59), "hours": all(&fields.hours, 23) });
    let frequency = match (&fields.days, &fields.weekdays) {
        (Some(_), Some(_)) => return Err("a trigger takes days of the week or days of the month, not both"),
        (Some(days), None) => {
            schedule["monthDays"] = json!(days);
            "Month"
        }
        (None, Some(days)) => {
            schedule["weekDays"] =
                days.iter().map(|d| WEEKDAYS[usize::from(*d % 7)]).collect::<Vec<_>>().into();
            "Week"
        }
        (None, None) => "Day",
    };
    Ok(json!({
        "frequency": frequency,
        "interval": 1,
        "startTime": "2026-01-01T00:00:00",
        "timeZone": zone,
        "schedule": schedule,
    }))
}
