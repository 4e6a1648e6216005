package policies

import (
	"embed"
	"io/fs"
)

// They are apart from the rulebook, since reviewing needs none of them: whoever loads it lists no folder of theirs.
//
//go:embed */*/bad.yaml */*/good.yaml */*/fixed.yaml
var scenes embed.FS

// Scenes holds the plain scenes of each rule, which its page shows: <provider>/<rule>/bad.yaml, good.yaml, fixed.yaml.
func Scenes() fs.FS { return scenes }
