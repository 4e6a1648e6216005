package main

import (
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// completeWords has the shell complete values of flags that are one of a few words. Flags that a command lacks are left out.
func completeWords(cmd *cobra.Command, flags map[string][]string) {
	for name, words := range flags {
		completeFlag(cmd, name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return words, cobra.ShellCompDirectiveNoFileComp
		})
	}
}

func completeFlag(cmd *cobra.Command, name string, complete cobra.CompletionFunc) {
	if cmd.Flags().Lookup(name) == nil {
		return
	}
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		panic(err) // the flag is there, and completed once
	}
}

// complete has the shell complete the flags that register adds.
func (c *common) complete(cmd *cobra.Command) {
	completeWords(cmd, map[string][]string{"profile": profiles(), "secrets": clusterSecrets()})
	for _, name := range []string{"only", "skip"} {
		completeFlag(cmd, name, c.completeRules)
	}
	completeFlag(cmd, "rules", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	completeFlag(cmd, "config", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	})
	completeFlag(cmd, "controller", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		e, err := c.load(nil)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return controllerNames(e), cobra.ShellCompDirectiveNoFileComp
	})
}

// completeRule completes the id of one rule, with its title.
func (c *common) completeRule(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	e, err := c.load(nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []string
	for _, d := range e.Rules() {
		ids = append(ids, d.ID+"\t"+cell(d.Title))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// completeRules completes the last of some ids with commas between, or all rules of one provider.
func (c *common) completeRules(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := ""
	if i := strings.LastIndex(typed, ","); i >= 0 {
		before = typed[:i+1]
	}
	ids, directive := c.completeRule(cmd, nil, typed)
	var list []string
	for _, id := range ids {
		if glob := before + path.Dir(id[:strings.IndexByte(id, '\t')]) + "/*"; !slices.Contains(list, glob) {
			list = append(list, glob)
		}
		list = append(list, before+id)
	}
	return list, directive
}
