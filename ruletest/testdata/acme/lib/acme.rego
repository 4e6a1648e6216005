# METADATA
# description: Words for messages about edge proxies.
package lib.acme

# METADATA
# description: What a reference lacks; undefined if it lacks nothing, or if nothing is known of it.
lack(ref) := ref.state if ref.presence == "absent"

lack(ref) := sprintf("has no %s", [ref.key]) if ref.key_presence == "absent"
