package mailtest

import (
	"fmt"
	netsmtp "net/smtp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"fifthcall/mailbox/demoserver"
)

// Server is the demo's mail server with what a mail program does by hand.
type Server struct {
	*demoserver.Server

	mu   sync.Mutex
	sent []Envelope
}

// Envelope is a mail that was submitted.
type Envelope = demoserver.Envelope

// Head is the header of a made-up mail.
type Head = demoserver.Head

// Start starts a server on free loopback ports. It lacks the capabilities named in without, such as MOVE.
func Start(domain string, now func() time.Time, without ...string) (*Server, error) {
	s, err := demoserver.Start(domain, now, without...)
	if err != nil {
		return nil, err
	}
	t := &Server{Server: s}
	s.Watch(func(e Envelope) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.sent = append(t.sent, e)
	})
	return t, nil
}

// Sent is what was submitted so far.
func (s *Server) Sent() []Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Move has a mail program move all messages of a folder to another.
func (s *Server) Move(local, from, to string) error {
	return s.as(local, from, func(c *imapclient.Client) error {
		_, err := c.Move(imap.SeqSet{{Start: 1}}, to).Wait()
		return err
	})
}

// Delete has a mail program remove the n-th message of a folder.
func (s *Server) Delete(local, folder string, n int) error {
	return s.as(local, folder, func(c *imapclient.Client) error {
		set := imap.SeqSetNum(uint32(n))
		if err := c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
			return err
		}
		return c.Expunge().Close()
	})
}

// Flag has a mail program put a star on all messages of a folder.
func (s *Server) Flag(local, folder string) error {
	return s.as(local, folder, func(c *imapclient.Client) error {
		return c.Store(imap.SeqSet{{Start: 1}}, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged}}, nil).Close()
	})
}

// as signs in as a mail program does and opens a folder.
func (s *Server) as(local, folder string, do func(*imapclient.Client) error) error {
	password, known := s.Password(local)
	if !known {
		return fmt.Errorf("no user %s", local)
	}
	c, err := imapclient.DialInsecure(s.IMAPAddr, nil)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.Login(local, password).Wait(); err != nil {
		return err
	}
	if _, err := c.Select(folder, nil).Wait(); err != nil {
		return err
	}
	return do(c)
}

// Messages are the messages in a user's folder, in order, as the server holds them.
func (s *Server) Messages(local, folder string) ([][]byte, error) {
	var out [][]byte
	err := s.as(local, folder, func(c *imapclient.Client) error {
		section := &imap.FetchItemBodySection{Peek: true}
		found, err := c.Search(&imap.SearchCriteria{}, nil).Wait()
		if err != nil || len(found.AllSeqNums()) == 0 {
			return err
		}
		all, err := c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		for _, m := range all {
			out = append(out, m.FindBodySection(section))
		}
		return err
	})
	return out, err
}

// Submit sends a message through the server as a mail program does.
func Submit(addr, login, password, to string, raw []byte) error {
	host, _, _ := strings.Cut(addr, ":")
	return netsmtp.SendMail(addr, netsmtp.PlainAuth("", login, password, host), login, []string{to}, raw)
}
