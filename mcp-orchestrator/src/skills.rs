//! The playbooks, as they were at compile time: `skills/<name>/`. Each file of a folder has its line here.

use common::skill::{File, Folder};

/// All of them, in the order in which clients see them.
pub(crate) const ALL: &[Folder] = &[
    Folder {
        name: "build-workflow",
        files: &[
            File { path: "SKILL.md", text: include_str!("../skills/build-workflow/SKILL.md") },
            File { path: "references/pieces.md", text: include_str!("../skills/build-workflow/references/pieces.md") },
        ],
    },
    Folder {
        name: "investigate-failure",
        files: &[File { path: "SKILL.md", text: include_str!("../skills/investigate-failure/SKILL.md") }],
    },
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use common::skill::Skills;

    use super::ALL;
    use crate::workflow::Workflow;

    #[test]
    fn every_folder_is_a_skill_and_all_of_it_is_served() {
        Skills::new(ALL).check().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("skills");
        let folders = root.read_dir().unwrap().count();
        let files: usize = ALL.iter().map(|folder| folder.files.len()).sum();
        assert_eq!((folders, files), (ALL.len(), 3));
    }

    /// What agents copy has to work.
    #[test]
    fn the_pieces_are_a_workflow() {
        let pieces = ALL[0].files[1].text;
        let yaml = pieces.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
        Workflow::check(yaml).unwrap();
    }
}
