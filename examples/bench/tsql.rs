//! Writes T-SQL as warehouses hold it: the constructs of real scripts as often as they occur there,
//! with comments, long column lists and the names that people give. The same seed gives the same text.

use std::fmt::Write as _;

/// A script of at least `bytes` bytes.
pub fn script(bytes: usize) -> String {
    let mut writer = Writer { out: String::with_capacity(bytes + 8192), random: 42 };
    while writer.out.len() < bytes {
        writer.batch();
    }
    writer.out
}

const AREAS: [&str; 8] =
    ["Account", "Order Lines", "Invoice", "Ledger", "Usage", "Contract", "PriceList", "Booking"];
const COLUMNS: [&str; 10] = [
    "[Id]",
    "Amount",
    "CreatedDate",
    "[Customer No_]",
    "Status",
    "LastModified",
    "CurrencyCode",
    "[Line No_]",
    "IsDeleted",
    "ExternalKey",
];

struct Writer {
    out: String,
    random: u64,
}

impl Writer {
    fn below(&mut self, end: usize) -> usize {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap_or_default() % end
    }

    /// Whether something happens that happens so often in a hundred times.
    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn table(&mut self) -> String {
        let area = AREAS[self.below(AREAS.len())];
        let number = self.below(40);
        match self.below(100) {
            0..9 => format!("[LINKED01].[ERP_{number}].[dbo].[{area}]"),
            9..40 => format!("[ERP_{number}].[dbo].[{area}]"),
            40..42 => format!("ERP_{number}..[{area}]"),
            42..61 => format!("#{}_{number}", area.replace(' ', "")),
            61..71 => format!("dbo.{}_{number}", area.replace(' ', "")),
            _ => format!("[dbo].[{area} {number}]"),
        }
    }

    fn columns(&mut self, prefix: &str) -> String {
        let mut list = String::new();
        for nth in 0..4 + self.below(14) {
            let column = COLUMNS[self.below(COLUMNS.len())];
            let comma = if nth == 0 { "     " } else { "\r\n    ," };
            let _ = match self.below(10) {
                0 => write!(list, "{comma}CASE WHEN {prefix}.{column} = 'open' THEN 1 ELSE 0 END AS C{nth}"),
                1 => write!(list, "{comma}ISNULL(CAST({prefix}.{column} AS decimal(18, 2)), 0) AS C{nth}"),
                2 => write!(list, "{comma}C{nth} = CONVERT(varchar(10), {prefix}.{column}, 112)"),
                _ => write!(list, "{comma}{prefix}.{column}"),
            };
        }
        list
    }

    fn query(&mut self, into: &str) {
        let (first, second) = (self.table(), self.table());
        let columns = self.columns("a");
        let hint = if self.percent(30) { " WITH (NOLOCK)" } else { "" };
        let _ = write!(
            self.out,
            "SELECT\r\n{columns}\r\n{into}FROM {first} AS a{hint}\r\nLEFT JOIN {second} b{hint} ON b.[Id] = a.[Id] AND b.Status <> N'x'\r\n"
        );
        if self.percent(20) {
            let third = self.table();
            let _ = write!(
                self.out,
                "WHERE a.Amount > 0 AND EXISTS (SELECT 1 FROM {third} c WHERE c.[Id] = a.[Id])\r\n"
            );
        }
        if self.percent(10) {
            self.out.push_str("GROUP BY a.[Id], a.Status HAVING SUM(a.Amount) > 100 ORDER BY 1\r\n");
        }
    }

    fn statement(&mut self) {
        let (table, number) = (self.table(), self.below(60));
        match self.below(100) {
            0..22 => {
                let into = if self.percent(40) { "" } else { "INTO " };
                let _ = write!(self.out, "INSERT {into}{table} ([Id], Amount, Status)\r\n");
                self.query("");
            }
            22..34 => {
                let into = format!("INTO #work_{}\r\n", self.below(90));
                self.query(&into);
            }
            34..42 => {
                let _ = write!(
                    self.out,
                    "UPDATE t SET t.Status = 'done', t.Amount = s.Amount FROM {table} t JOIN #work_1 s ON s.[Id] = t.[Id];\r\n"
                );
            }
            42..47 => {
                let _ = write!(self.out, "DELETE {table} WHERE CreatedDate < DATEADD(day, -90, GETDATE())\r\n");
            }
            47..57 => {
                let _ = write!(self.out, "EXEC [dbo].[usp_Load_{number}] @from = @start, @full = 1\r\n");
            }
            57..67 => {
                let _ = write!(self.out, "IF OBJECT_ID('tempdb..#work_2') IS NOT NULL DROP TABLE #work_2;\r\n");
            }
            67..75 => {
                let _ = write!(self.out, "DECLARE @n{number} int = (SELECT COUNT(*) FROM {table});\r\n");
            }
            75..80 => {
                let _ = write!(
                    self.out,
                    "MERGE {table} AS t USING (SELECT [Id], Amount FROM #work_3) AS s ON t.[Id] = s.[Id]\r\nWHEN MATCHED THEN UPDATE SET t.Amount = s.Amount\r\nWHEN NOT MATCHED THEN INSERT ([Id], Amount) VALUES (s.[Id], s.Amount);\r\n"
                );
            }
            80..85 => {
                let _ = write!(self.out, "TRUNCATE TABLE {table}\r\n");
            }
            85..93 => {
                let _ = write!(self.out, ";WITH latest AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY [Id] ORDER BY LastModified DESC) AS rn FROM {table})\r\n");
                self.out.push_str("DELETE FROM latest WHERE rn > 1\r\n");
            }
            93..97 => self.out.push_str("SET @sql = N'SELECT * FROM ' + QUOTENAME(@t); EXEC sp_executesql @sql\r\n"),
            _ => self.out.push_str("SELECT (SELECT x.[Id] AS '@id' FROM dbo.Ledger x FOR XML PATH('r'), TYPE), j.v FROM OPENJSON(@j) j OPTION (RECOMPILE)\r\n"),
        }
    }

    fn batch(&mut self) {
        let number = self.below(9000);
        if self.percent(9) {
            let _ = write!(self.out, "USE [ERP_{}]\r\nGO\r\n", number % 40);
        }
        let _ = write!(
            self.out,
            "/****** Object: load {number}    Script Date: 2024-05-06 07:08:09 ******/\r\nSET ANSI_NULLS ON\r\nGO\r\n-- Rows of the day; see the ticket for why 'open' is left out\r\n"
        );
        let body = 3 + self.below(10);
        match self.below(100) {
            0..46 => {
                let _ = write!(
                    self.out,
                    "CREATE PROCEDURE [dbo].[usp_Load_{number}] @from datetime, @full bit = 0\r\nAS\r\nBEGIN\r\nSET NOCOUNT ON;\r\nBEGIN TRY\r\n"
                );
                (0..body).for_each(|_| self.statement());
                self.out.push_str("END TRY\r\nBEGIN CATCH\r\nIF @@TRANCOUNT > 0 ROLLBACK;\r\nTHROW;\r\nEND CATCH\r\nEND\r\n");
            }
            46..69 => {
                let _ = write!(self.out, "CREATE VIEW [dbo].[vw_{number}] AS\r\n");
                self.query("");
            }
            _ => (0..body).for_each(|_| self.statement()),
        }
        self.out.push_str("GO\r\n\r\n");
    }
}
