//! What every warehouse must do, written once, through the trait that all engines implement. Each test
//! is named after its engine: `cargo test --test conformance postgres`.

#[path = "../common/mod.rs"]
mod common;

mod cases;
mod engines;
mod postgres_alone;
mod sqlserver_alone;
mod sqlserver_protocol;
mod values;

/// Makes a test of each case for each engine.
macro_rules! conformance {
    ($($room:ident::{$($case:ident),* $(,)?}),* $(,)?) => {
        mod duckdb {
            $($(#[test] fn $case() {
                crate::$room::$case(&mut crate::engines::duckdb());
            })*)*
        }
        mod postgres {
            $($(#[test] fn $case() {
                if let Some(mut stage) = crate::engines::postgres(stringify!($case)) {
                    crate::$room::$case(&mut stage);
                }
            })*)*
        }
        mod sqlserver {
            $($(#[test] fn $case() {
                if let Some(mut stage) = crate::engines::sqlserver(stringify!($case)) {
                    crate::$room::$case(&mut stage);
                }
            })*)*
        }
    };
}

conformance! {
    cases::{
        what_is_committed_stays_and_what_is_rolled_back_goes,
        an_error_in_a_transaction_leaves_nothing,
        an_error_names_its_place_in_characters_of_any_width,
        a_script_can_not_end_the_transaction,
        a_reader_sees_one_state,
        a_reader_can_not_write,
        the_catalog_tells_tables_views_and_columns,
        a_database_that_is_not_there_holds_nothing,
        the_business_date_is_known_to_the_session,
        a_session_is_left_clean,
        a_statement_that_takes_too_long_is_stopped,
        a_running_statement_is_stopped_within_a_second,
        rows_written_are_counted,
        awkward_names_are_names,
        two_writers_of_one_row_can_be_tried_again,
        a_run_holds_its_databases,
    },
    values::{
        every_type_comes_back_as_it_was,
        nothing_but_columns_come_out_of_nothing,
        rows_come_in_batches,
        a_value_that_does_not_fit_is_named,
        an_error_among_the_batches_is_the_one_that_is_told,
        a_query_that_fails_names_its_place,
    },
}
