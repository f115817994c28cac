//go:build desktop

package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// keep saves a picture below .cache, for people to look at.
func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	dir := filepath.Join("..", "..", ".cache", "tray")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// panelHeight is the height of the panel and its border, at the top of the screen.
const panelHeight = 33

// spot is the place where the panel shows something, and the panel's colour.
func spot(img image.Image) (r image.Rectangle, panel color.Color) {
	panel = img.At(img.Bounds().Dx()-1, panelHeight/2)
	return differs(img, panel, image.Rect(0, 0, img.Bounds().Dx(), panelHeight-2)), panel
}

// differs returns the part of a picture whose colours differ from the panel's.
func differs(img image.Image, panel color.Color, in image.Rectangle) (r image.Rectangle) {
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if apart(img.At(x, y), panel) > 24 {
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return r
}

// shows says whether the panel shows this icon and nothing else: it has the form of a key, and is more similar to this icon than to
// any other.
func shows(t *testing.T, img image.Image, icon []byte) bool {
	t.Helper()
	r, panel := spot(img)
	if n := r.Dx(); n < 14 || n > panelHeight || max(n-r.Dy(), r.Dy()-n) > 1 {
		return false
	}
	const close = 30 // on average, of 255: edges are blended in other ways
	own := unlike(t, img, r, panel, icon)
	for _, other := range [][]byte{iconActive, iconPaused, iconPassing, iconBroken, iconAbsent} {
		if !bytes.Equal(other, icon) && unlike(t, img, r, panel, other) <= own {
			return false
		}
	}
	return own < close
}

// unlike returns how far a part of a picture is from an icon on a panel, on average, of 255.
func unlike(t *testing.T, img image.Image, r image.Rectangle, panel color.Color, icon []byte) float64 {
	t.Helper()
	drawn, err := png.Decode(bytes.NewReader(icon))
	if err != nil {
		t.Fatal(err)
	}
	whole := onto(drawn, panel)
	full := differs(whole, panel, whole.Bounds())
	sum := 0.0
	for y := range r.Dy() {
		for x := range r.Dx() {
			at := image.Rect(full.Min.X+x*full.Dx()/r.Dx(), full.Min.Y+y*full.Dy()/r.Dy(),
				full.Min.X+(x+1)*full.Dx()/r.Dx(), full.Min.Y+(y+1)*full.Dy()/r.Dy())
			sum += apart(img.At(r.Min.X+x, r.Min.Y+y), mean(whole, at))
		}
	}
	return sum / float64(r.Dx()*r.Dy())
}

// onto draws an icon on a panel of the same size, with one more column of panel.
func onto(icon image.Image, panel color.Color) image.Image {
	all := image.NewRGBA(image.Rect(0, 0, icon.Bounds().Dx()+1, icon.Bounds().Dy()))
	draw.Draw(all, all.Bounds(), image.NewUniform(panel), image.Point{}, draw.Src)
	draw.Draw(all, icon.Bounds(), icon, image.Point{}, draw.Over)
	return all
}

func mean(img image.Image, in image.Rectangle) color.Color {
	var r, g, b, n uint32
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			cr, cg, cb, _ := img.At(x, y).RGBA()
			r, g, b, n = r+cr>>8, g+cg>>8, b+cb>>8, n+1
		}
	}
	return color.RGBA{R: uint8(r / n), G: uint8(g / n), B: uint8(b / n), A: 0xff}
}

// apart returns how far two colours are from each other, of 255.
func apart(a, b color.Color) float64 {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	d := func(x, y uint32) float64 { return float64(max(x, y)-min(x, y)) / 257 }
	return (d(ar, br) + d(ag, bg) + d(ab, bb)) / 3
}

// busy says whether something is visible below the panel.
func busy(img image.Image) bool {
	seen := map[color.Color]int{}
	for y := panelHeight; y < img.Bounds().Dy(); y++ {
		for x := range img.Bounds().Dx() {
			seen[img.At(x, y)]++
		}
	}
	most, all := 0, 0
	for _, n := range seen {
		most, all = max(most, n), all+n
	}
	return all-most > 10000
}
