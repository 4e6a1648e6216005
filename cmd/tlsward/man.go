//go:build manpages

package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// furtherCommands are those of builds that make the manual. What renders it would cost every start of the program.
func furtherCommands() []*cobra.Command {
	return []*cobra.Command{{
		Use:   "man DIRECTORY",
		Short: "Write the manual pages",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := writeManual(cmd.Root(), args[0]); err != nil {
				return unjudged(err)
			}
			return nil
		},
	}}
}

// writeManual writes a page for each command.
func writeManual(root *cobra.Command, dir string) error {
	for _, c := range root.Commands() {
		if c.Name() == "man" {
			root.RemoveCommand(c)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root.DisableAutoGenTag = true
	// A page that names no day is the same whenever it is made.
	never := time.Unix(0, 0).UTC()
	return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "tlsward " + versionText(), Manual: "tlsward manual", Date: &never}, dir)
}
