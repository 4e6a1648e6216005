//go:build !manpages

package main

import "github.com/spf13/cobra"

// furtherCommands are those of builds that make the manual: make man.
func furtherCommands() []*cobra.Command { return nil }
