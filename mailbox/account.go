package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Security is how a connection is protected.
type Security string

// The kinds of protection. None is for loopback only; the configuration sees to that.
const (
	SecurityTLS      Security = "tls"
	SecuritySTARTTLS Security = "starttls"
	SecurityNone     Security = "none"
)

// Account is a login to a mail server.
type Account struct {
	Host     string
	Port     int
	Security Security
	Username string
	OAuth2   bool                                  // the secret is an access token
	Secret   func(context.Context) (string, error) // asked for at every login
	TLS      *tls.Config                           // nil: the system's roots, Host's name
}

// Address is host:port.
func (a *Account) Address() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// ErrSignIn is wrapped by errors that say the server refused the user name or secret.
var ErrSignIn = errors.New("sign-in refused")

// Dial opens the transport, implicit TLS included; STARTTLS is up to the protocol.
func (a *Account) Dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", a.Address())
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", a.Address(), err)
	}
	if a.Security != SecurityTLS {
		return conn, nil
	}
	return a.handshake(ctx, conn)
}

func (a *Account) handshake(ctx context.Context, conn net.Conn) (net.Conn, error) {
	tc := tls.Client(conn, a.tlsConfig())
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := tc.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("TLS with %s: %w", a.Address(), err)
	}
	return tc, nil
}

func (a *Account) tlsConfig() *tls.Config {
	if a.TLS == nil {
		return &tls.Config{ServerName: a.Host, MinVersion: tls.VersionTLS12}
	}
	cfg := a.TLS.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = a.Host
	}
	return cfg
}
