package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/policies"
)

// version is set by the Makefile from the tag.
var version = ""

func versionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of the program and of its rulebook",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.out, "tlsward", versionLines())
			return err
		},
	}
}

// versionLines is what there is to say of the build and of the rules in it.
func versionLines() string {
	rules, err := currentVersion(policies.FS())
	if err != nil {
		return buildText() // a test holds what is built in
	}
	return buildText() + "\nrulebook " + rules.String()
}

// buildText names the build: its version, the toolchain, and what it is for.
func buildText() string {
	return fmt.Sprintf("%s %s %s/%s", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// versionText falls back on what the Go toolchain stamped, for builds by go install.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
