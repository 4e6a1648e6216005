// Package policies is the rulebook: one folder a rule, one provider.yaml a system. It only embeds them; the engine reads
// them as it reads a user's own.
package policies

import (
	"embed"
	"io/fs"
)

//go:embed rulebook.yaml */provider.yaml */*/rule.rego lib/*.rego prefilters.txt metadata.bin compiled.bin
var files embed.FS

// FS is the rulebook.
func FS() fs.FS { return files }
