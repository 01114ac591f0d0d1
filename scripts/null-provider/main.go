// The null_resource of hashicorp/null 1.0.0, the newest version that the Go module proxy serves, on a plugin protocol that today's
// Terraform and OpenTofu speak (5, of Terraform 0.12). Go 1.24 or newer ignores its rand.Seed(seconds), so ids are random as in 3.x.
package main

import (
	"github.com/hashicorp/terraform-provider-null/null"
	"github.com/hashicorp/terraform/plugin"
)

func main() {
	plugin.Serve(&plugin.ServeOpts{ProviderFunc: null.Provider})
}
