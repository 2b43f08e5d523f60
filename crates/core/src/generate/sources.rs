//! The texts of generated files.

use std::path::Path;

use crate::ownership::Ownership;
use crate::workspace::Service;
use migrate_catalog::Catalog;
use migrate_schema_rs::{
    PrintError, Printed, ReadTable, Section, Subset, Warning, print, print_subset,
};
use migrate_text::name::QualifiedName;

use super::GeneratedFile;

/// A file could not be printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot print {file}")]
pub struct GenerateError {
    /// The file, from the workspace's root.
    pub file: String,
    /// Why.
    #[source]
    pub error: PrintError,
}

/// A combined file, and what its readers should be told.
pub struct CombinedFile {
    /// The file.
    pub file: GeneratedFile,
    /// What may be trouble.
    pub warnings: Vec<Warning>,
}

/// The combined file of a section of `diesel.toml`.
pub fn combined(
    catalog: &Catalog,
    section: &Section,
    root: &Path,
    file: &Path,
) -> Result<CombinedFile, GenerateError> {
    let Printed { text, warnings } =
        print(catalog, &section.config).map_err(|error| GenerateError {
            file: file.display().to_string(),
            error,
        })?;
    let path = root.join(file);
    Ok(CombinedFile {
        file: GeneratedFile { path, text },
        warnings,
    })
}

/// The subset of a service: `src/schema.rs` of its crate.
pub fn subset(
    catalog: &Catalog,
    section: &Section,
    root: &Path,
    service: &Service,
    ownership: &Ownership,
    versions: &[String],
) -> Result<GeneratedFile, GenerateError> {
    // What the combined file leaves out, for want of a primary key say, no service can use.
    let printed = section.config.schema.as_deref().unwrap_or("public");
    let admits = |table: &QualifiedName| {
        table.schema != printed || section.config.filter.admits(&table.name)
    };
    let owns = ownership.owned_by(&service.name);
    let owns: Vec<_> = owns.filter(|table| admits(table)).cloned().collect();
    let reads: Vec<ReadTable> = ownership
        .read_by(&service.name)
        .filter(|(table, _)| admits(table))
        .map(|(table, owner)| ReadTable {
            table: table.clone(),
            owner: owner.to_owned(),
        })
        .collect();
    let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
    let subset = Subset {
        service: &service.name,
        versions: &versions,
        owns: &owns,
        reads: &reads,
    };
    let file = service.crate_path.join("src/schema.rs");
    let printed =
        print_subset(catalog, &section.config, &subset).map_err(|error| GenerateError {
            file: file.display().to_string(),
            error,
        })?;
    Ok(GeneratedFile {
        path: root.join(file),
        text: printed.text,
    })
}
