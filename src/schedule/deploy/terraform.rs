//! A Terraform module for Azure: a container group for each slot, and a Logic App that starts it at its time; with
//! sidecars one group in which the clock runs (Microsoft's documentation: "Container Groups - Start", "Recurrence trigger"; the provider azurerm 4).

use super::hcl::{Item, block, list, set, text, write};
use super::{Deployment, PROGRAM, Variable, file, label, refuse_folder};
use crate::nouns::Sidecar;
use crate::schedule::Slot;
use crate::schedule::export::{self, File, azure_recurrence, azure_zone};
use crate::words::{Code, Diagnostic, sha256};

/// The version of Azure's interface that starts a group.
const API: &str = "2023-05-01";

/// `main.tf` and `variables.tf`
///
/// # Errors
/// A warehouse that is a folder, a time zone without a name in Azure, and times that a Logic App can't have.
pub fn terraform(deployment: &Deployment<'_>) -> Result<Vec<File>, Box<Diagnostic>> {
    refuse_folder(deployment, "a container group")?;
    let mut items = vec![
        Item::Note("As goldsmith writes it: goldsmith deploy --to terraform".into()),
        Item::Note(
            "Secrets stay in the Key Vault, and in Terraform's state, which wants to be kept as one.".into(),
        ),
        block(
            "terraform",
            vec![
                set("required_version", text(">= 1.5")),
                block(
                    "required_providers",
                    vec![Item::Map(
                        "azurerm".into(),
                        vec![
                            ("source".into(), text("hashicorp/azurerm")),
                            ("version".into(), text("~> 4.0")),
                        ],
                    )],
                ),
            ],
        ),
    ];
    for name in secrets(deployment) {
        items.push(Item::Blank);
        items.push(block(
            format!("data \"azurerm_key_vault_secret\" \"{}\"", of_environment(&name)),
            vec![set("name", text(&vault_name(&name))), set("key_vault_id", "var.key_vault_id")],
        ));
    }
    if deployment.deploy().sidecars.is_empty() {
        let zone = azure_zone(deployment.platform)?;
        for slot in deployment.slots {
            items.extend(of_slot(deployment, slot, zone)?);
        }
    } else {
        items.extend(clock(deployment));
    }
    Ok(vec![file("main.tf", write(&items)), file("variables.tf", write(&variables(deployment)))])
}

/// All secrets of all containers, each once.
fn secrets(deployment: &Deployment<'_>) -> Vec<String> {
    let own =
        deployment.variables.iter().filter(|(_, v)| **v == Variable::Secret).map(|(name, _)| name.clone());
    let beside = deployment.deploy().sidecars.iter().flat_map(|s| s.secrets.iter().cloned());
    let mut all: Vec<String> = own.chain(beside).collect();
    all.sort();
    all.dedup();
    all
}

fn variables(deployment: &Deployment<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    let mut add = |name: &str, description: &str, usual: Option<String>| {
        if !items.is_empty() {
            items.push(Item::Blank);
        }
        let mut inner = vec![set("description", text(description)), set("type", "string")];
        inner.extend(usual.map(|usual| set("default", text(&usual))));
        items.push(block(format!("variable \"{name}\""), inner));
    };
    add("resource_group_name", "The resource group of all that is made here.", None);
    add("location", "Where it lies, such as westeurope.", None);
    add("key_vault_id", "The Key Vault that holds the secrets.", None);
    add("identity_id", "The user-assigned identity that pulls the image.", None);
    add("registry_server", "The registry that the image is pulled from, such as acme.azurecr.io.", None);
    add(
        "image",
        "The image that `goldsmith deploy --to dockerfile` describes.",
        deployment.deploy().image.clone(),
    );
    for (name, variable) in &deployment.variables {
        if *variable == Variable::Asked {
            add(&of_environment(name), &format!("The environment variable {name}."), None);
        }
    }
    items
}

/// A group that is started at its time, and ends when its run has ended.
fn of_slot(deployment: &Deployment<'_>, slot: &Slot<'_>, zone: &str) -> Result<Vec<Item>, Box<Diagnostic>> {
    let platform = label(&deployment.platform.name, 20);
    let name = label(&format!("{platform}-{}-{}", label(&slot.project.name, 30), slot.kind.word()), 60);
    let id = identifier(&format!("{}_{}", slot.project.name, slot.kind.word()));
    let group = group(&name, "Never", goldsmith(deployment, &["run"], &deployment.settings(slot)));
    let workflow = format!("azurerm_logic_app_workflow.{id}");
    let group_id = format!("azurerm_container_group.{id}.id");
    let uri = format!("https://management.azure.com${{{group_id}}}/start?api-version={API}");
    let inputs = format!(
        "{{ method = \"POST\", uri = \"{uri}\", authentication = {{ type = \"ManagedServiceIdentity\" }} }}"
    );
    let resource =
        |kind: &str, items: Vec<Item>| block(format!("resource \"azurerm_{kind}\" \"{id}\""), items);
    Ok(vec![
        Item::Blank,
        resource("container_group", group),
        Item::Blank,
        resource(
            "logic_app_workflow",
            vec![
                set("name", text(&name)),
                set("resource_group_name", "var.resource_group_name"),
                set("location", "var.location"),
                Item::Blank,
                block("identity", vec![set("type", text("SystemAssigned"))]),
            ],
        ),
        Item::Blank,
        Item::Note("It may start this group, and do nothing elsewhere.".into()),
        resource(
            "role_assignment",
            vec![
                set("scope", group_id),
                set("role_definition_name", text("Contributor")),
                set("principal_id", format!("{workflow}.identity[0].principal_id")),
            ],
        ),
        Item::Blank,
        resource("logic_app_trigger_recurrence", recurrence(slot, zone, &workflow)?),
        Item::Blank,
        resource(
            "logic_app_action_custom",
            vec![
                set("name", text("start")),
                set("logic_app_id", format!("{workflow}.id")),
                set("body", format!("jsonencode({{ type = \"Http\", runAfter = {{}}, inputs = {inputs} }})")),
            ],
        ),
    ])
}

/// One group with the clock in it. What runs beside would never end, and with it no group that is started anew
/// for each run.
fn clock(deployment: &Deployment<'_>) -> Vec<Item> {
    let settings =
        [("GOLDSMITH_TARGET", deployment.target.name.clone()), ("GOLDSMITH_LOG_FORMAT", "json".to_owned())];
    let mut own = goldsmith(deployment, &["schedule", "run"], &settings);
    own.extend([
        Item::Blank,
        block(
            "liveness_probe",
            vec![
                set("exec", list([PROGRAM, "schedule", "health"])),
                set("initial_delay_seconds", "60"),
                set("period_seconds", "60"),
                set("failure_threshold", "3"),
            ],
        ),
    ]);
    let name = label(&deployment.platform.name, 60);
    let mut group = group(&name, "Always", own);
    for sidecar in &deployment.deploy().sidecars {
        group.extend([Item::Blank, beside(sidecar)]);
    }
    vec![Item::Blank, block("resource \"azurerm_container_group\" \"clock\"", group)]
}

fn group(name: &str, restart: &str, own: Vec<Item>) -> Vec<Item> {
    vec![
        set("name", text(name)),
        set("resource_group_name", "var.resource_group_name"),
        set("location", "var.location"),
        set("os_type", text("Linux")),
        set("restart_policy", text(restart)),
        set("ip_address_type", text("None")),
        Item::Blank,
        block("identity", vec![set("type", text("UserAssigned")), set("identity_ids", "[var.identity_id]")]),
        Item::Blank,
        block(
            "image_registry_credential",
            vec![set("server", "var.registry_server"), set("user_assigned_identity_id", "var.identity_id")],
        ),
        Item::Blank,
        block("container", own),
    ]
}

/// goldsmith's own container.
fn goldsmith(deployment: &Deployment<'_>, words: &[&str], settings: &[(&'static str, String)]) -> Vec<Item> {
    let mut plain: Vec<(String, String)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    let mut secure = Vec::new();
    for (name, variable) in &deployment.variables {
        match variable {
            Variable::Value(value) => plain.push((name.clone(), text(value))),
            Variable::Asked => plain.push((name.clone(), format!("var.{}", of_environment(name)))),
            Variable::Secret => secure.push((name.clone(), secret(name))),
        }
    }
    let deploy = deployment.deploy();
    let commands = list(std::iter::once(PROGRAM).chain(words.iter().copied()));
    container("goldsmith", "var.image", (deploy.cpu, deploy.memory), commands, (plain, secure))
}

type Variables = Vec<(String, String)>;

fn container(
    name: &str,
    image: &str,
    (cpu, memory): (f64, f64),
    commands: String,
    (plain, secure): (Variables, Variables),
) -> Vec<Item> {
    let mut items = vec![
        set("name", text(name)),
        set("image", image),
        set("cpu", cpu.to_string()),
        set("memory", memory.to_string()),
    ];
    if commands != "[]" {
        items.push(set("commands", commands));
    }
    for (name, map) in [("environment_variables", plain), ("secure_environment_variables", secure)] {
        if !map.is_empty() {
            items.extend([Item::Blank, Item::Map(name.to_owned(), map)]);
        }
    }
    items
}

fn beside(sidecar: &Sidecar) -> Item {
    let plain = sidecar.env.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    let secure = sidecar.secrets.iter().map(|name| (name.clone(), secret(name))).collect();
    let commands = list(sidecar.command.iter().map(String::as_str));
    let size = (sidecar.cpu, sidecar.memory);
    block("container", container(&sidecar.name, &text(&sidecar.image), size, commands, (plain, secure)))
}

/// A Logic App knows minutes, hours and days of the week.
fn recurrence(slot: &Slot<'_>, zone: &str, workflow: &str) -> Result<Vec<Item>, Box<Diagnostic>> {
    let refuse = |problem: &str| {
        let message = format!("`{}` can't be written for a Logic App: {problem}", slot.timing.text);
        Box::new(Diagnostic::new(Code::InvalidYaml, message).at(&slot.project.file, slot.timing.span))
    };
    let found = azure_recurrence(&export::fields(slot, "a Logic App")?, zone).map_err(refuse)?;
    let schedule = &found["schedule"];
    if !schedule["monthDays"].is_null() {
        return Err(refuse("it knows no days of the month"));
    }
    let numbers = |key: &str| schedule[key].to_string().replace(',', ", ");
    let mut times =
        vec![set("at_these_hours", numbers("hours")), set("at_these_minutes", numbers("minutes"))];
    if let Some(days) = schedule["weekDays"].as_array() {
        times.push(set("on_these_days", list(days.iter().filter_map(|day| day.as_str()))));
    }
    Ok(vec![
        set("name", text(slot.kind.word())),
        set("logic_app_id", format!("{workflow}.id")),
        set("frequency", text(found["frequency"].as_str().unwrap_or("Day"))),
        set("interval", "1"),
        set("time_zone", text(zone)),
        Item::Blank,
        block("schedule", times),
    ])
}

fn secret(name: &str) -> String {
    format!("data.azurerm_key_vault_secret.{}.value", of_environment(name))
}

/// The identifier for an environment variable, beside which the module has variables of its own.
fn of_environment(name: &str) -> String {
    format!("env_{}", small(name).replace('-', "_"))
}

/// The name of a secret in a Key Vault, which knows no `_` and no case.
fn vault_name(name: &str) -> String {
    small(name).replace('_', "-")
}

/// An environment variable in small letters; one that has some already gets a few digits of its hash, so that two
/// never become one.
fn small(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if name.contains(|c: char| c.is_ascii_lowercase()) {
        return format!("{lower}_{}", &sha256(name.as_bytes())[..6]);
    }
    lower
}

/// A name as Terraform takes it; two names never become one.
fn identifier(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.chars().all(is_plain) && name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return name.to_owned();
    }
    label(name, 60).replace('-', "_")
}
