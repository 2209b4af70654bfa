package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
)

// Seal encrypts with a key derived from the state's; the desk's name is bound to it.
func Seal(key []byte, deskName string, plain []byte) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, []byte(deskName)), nil
}

// Unseal is the reverse; its error tells nothing of the content.
func Unseal(key []byte, deskName string, sealed []byte) ([]byte, error) {
	aead, err := sealer(key)
	if err != nil {
		return nil, err
	}
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("a sealed record is damaged")
	}
	plain, err := aead.Open(nil, sealed[:n], sealed[n:], []byte(deskName))
	if err != nil {
		return nil, errors.New("a sealed record can't be opened: is the file “key” in the state folder another one?")
	}
	return plain, nil
}

func sealer(key []byte) (cipher.AEAD, error) {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("seal"))
	block, err := aes.NewCipher(mac.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
