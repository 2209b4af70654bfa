package book

import (
	"sync"

	"golang.org/x/oauth2"
)

// SignIn is a desk's sign-in by OAuth2. The tokens lie sealed in the store; one goroutine at a time renews them.
type SignIn struct {
	R *Runner

	Mu    sync.Mutex
	Token *oauth2.Token // as stored; nil until it was read
}
