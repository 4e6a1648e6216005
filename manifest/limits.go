package manifest

const (
	// MaxFileSize bounds one file. The API server takes 3 MiB in one request (etcd 1.5 MiB of it), so 64 MiB hold at least
	// twenty of the largest objects; the bundles of whole clusters people keep in one file are below 20 MiB. It also lets
	// offsets be 32 bits.
	MaxFileSize = 64 << 20

	// maxDepth bounds how deep collections nest. The deepest published CRDs reach 60; every later stage recurses over the
	// object, and at 1,000 levels needs well under a megabyte of stack.
	maxDepth = 1000

	// maxAliased bounds the nodes one document reaches through aliases: a few hundred bytes of nested aliases otherwise
	// stand for billions of nodes. go-yaml v2 begins to refuse at 400,000; no manifest written by hand comes near a tenth.
	maxAliased = 400_000

	// maxDocuments bounds the documents of one file, list items among them: a file of nothing but document marks would
	// otherwise take seventy times its size in memory. Bundles of whole clusters hold some ten thousand objects.
	maxDocuments = 100_000

	// maxDuplicates bounds the duplicate keys noted in one document: whoever has a thousand wants to know of the first.
	maxDuplicates = 1000

	// maxListDepth bounds lists within lists. kubectl writes one level.
	maxListDepth = 8

	// maxKey is how far from its start a key may have its colon, in bytes. YAML allows 1,024 characters; what is between
	// is left to the library.
	maxKey = 1000
)
