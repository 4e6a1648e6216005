package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tlsward/tlsward/kube"
)

// command is the whole of the command line.
func command(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "tlsward",
		Short:         "Find TLS and mTLS settings that do not do what they say",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          knownSubcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.Version = versionLines()
	root.SetVersionTemplate("tlsward {{.Version}}\n")
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		lintCommand(s), initCommand(s), rulesCommand(s), factsCommand(s), effectiveCommand(s), migrateCommand(s), trustCommand(s), auditCommand(s),
		impactCommand(s), configCommand(s), exemptCommand(s), serveCommand(s), defaultsCommand(s), testCommand(s), versionCommand(s),
	)
	root.AddCommand(furtherCommands()...)
	refuseUnknown(root)
	return root
}

// refuseUnknown has the commands that cobra makes refuse what there is not, as ours do.
func refuseUnknown(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args = knownSubcommand
			c.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				if found, _, err := root.Find(args); err != nil || found == root {
					return knownSubcommand(root, args)
				}
				return nil
			}
		}
	}
}

// knownSubcommand refuses what is no subcommand of one that only holds others.
func knownSubcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	if near, ok := kube.Near(args[0], names); ok {
		return fmt.Errorf("unknown command %s; did you mean %s?", args[0], near)
	}
	return fmt.Errorf("unknown command %s: want one of %s", args[0], strings.Join(names, ", "))
}

// flagError names the flag that a misspelt one was meant to be.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	// What ruff, trivy, kubeconform and others call it.
	if unknown.GetSpecifiedName() == "format" && cmd.Flags().Lookup("output") != nil {
		return fmt.Errorf("%w; did you mean --output?", err)
	}
	if near, ok := kube.Near(unknown.GetSpecifiedName(), names); ok {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return fmt.Errorf("%w; `%s --help` lists those there are", err, cmd.CommandPath())
}

// arguments wants as many arguments of a command as it has use for, and says of which it wants them.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return fmt.Errorf("%s: want %s; `%s --help` has an example", cmd.CommandPath(), what, cmd.CommandPath())
		case len(args) > most:
			return fmt.Errorf("%s: want %s and no more, got %s", cmd.CommandPath(), what, strings.Join(args, " "))
		}
		return nil
	}
}

// oneOf refuses a flag's value that is none of some words.
func oneOf(flag, value string, words []string) error {
	for _, word := range words {
		if word == value {
			return nil
		}
	}
	hint := ""
	if near, ok := kube.Near(value, words); ok {
		hint = "; did you mean " + near + "?"
	}
	last := len(words) - 1
	return fmt.Errorf("%s %s: want %s or %s%s", flag, value, strings.Join(words[:last], ", "), words[last], hint)
}

// here is what a command is about that was given no path: what stands in the current directory.
func here(paths []string) []string {
	if len(paths) == 0 {
		return []string{"."}
	}
	return paths
}
