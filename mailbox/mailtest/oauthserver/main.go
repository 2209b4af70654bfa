// Command oauthserver is a real authorisation server on loopback for the tests: codes with PKCE, device codes, rotating refresh
// tokens. It is a module of its own, so that its libraries are none of the product's.
package main

import (
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

// user is the only one; the server's own store has users whose names aren't their IDs, which its device flow takes them for.
const user = "sam@firm.example"

type oneUser struct{ *storage.User }

func (u oneUser) GetUserByID(id string) *storage.User         { return u.named(id) }
func (u oneUser) GetUserByUsername(name string) *storage.User { return u.named(name) }
func (u oneUser) ExampleClientID() string                     { return "service" }

func (u oneUser) named(name string) *storage.User {
	if name != user {
		return nil
	}
	return u.User
}

func main() {
	port := flag.Int("port", 0, "port to listen on")
	redirect := flag.String("redirect", "", "address to which the client has browsers come back")
	flag.Parse()
	issuer := fmt.Sprintf("http://localhost:%d/", *port)
	storage.RegisterClients(storage.NativeClient("native", *redirect), storage.DeviceClient("device", "secret"))
	store := storage.NewStorage(oneUser{&storage.User{ID: user, Username: user, Email: user, EmailVerified: true, Password: "verysecure", FirstName: "Sam", LastName: "Ruiter"}})
	router := exampleop.SetupServer(issuer, store, slog.New(slog.DiscardHandler), false)
	ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	srv := &http.Server{Handler: router, ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, srv.Serve(ln))
	os.Exit(1)
}
