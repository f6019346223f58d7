#include "attack_protection/captcha_picture.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace gatehouse::attack_protection {
namespace {

struct Point {
  double x, y;
};
using Stroke = std::vector<Point>;

/// Uniform in [low, high).
class Dice {
 public:
  explicit Dice(crypto::Random& random) : random_(random) {}
  double between(double low, double high) {
    const std::string bytes = random_.bytes(2);
    const unsigned value = (unsigned(uint8_t(bytes[0])) << 8) | uint8_t(bytes[1]);
    return low + (high - low) * value / 65536.0;
  }

 private:
  crypto::Random& random_;
};

/// A digit as pen strokes in a box of 1 by 1.6.
const std::vector<Stroke>& strokes_of(char digit) {
  static const std::array<std::vector<Stroke>, 10> all{{
      {{{.5, 0}, {.12, .2}, {0, .8}, {.12, 1.4}, {.5, 1.6}, {.88, 1.4}, {1, .8}, {.88, .2}, {.5, 0}}},
      {{{.15, .4}, {.55, 0}, {.55, .8}, {.55, 1.6}}},
      {{{.05, .35}, {.25, .05}, {.7, .03}, {.95, .35}, {.75, .8}, {.35, 1.2}, {0, 1.6}, {.5, 1.6}, {1, 1.58}}},
      {{{.05, .15}, {.5, 0}, {.92, .25}, {.8, .65}, {.4, .75}, {.85, .9}, {.98, 1.25}, {.6, 1.6}, {.2, 1.55}, {0, 1.35}}},
      {{{.7, 1.6}, {.7, .8}, {.7, 0}, {.3, .6}, {0, 1.1}, {.5, 1.1}, {1, 1.1}}},
      {{{.9, 0}, {.5, 0}, {.12, .02}, {.05, .7}, {.5, .6}, {.92, .85}, {.95, 1.25}, {.6, 1.6}, {.05, 1.5}}},
      {{{.85, .05}, {.4, .3}, {.08, .8}, {.05, 1.3}, {.4, 1.6}, {.85, 1.45}, {.92, 1.05}, {.55, .8}, {.12, 1}}},
      {{{0, .05}, {.5, .02}, {1, 0}, {.7, .6}, {.5, 1.1}, {.4, 1.6}}},
      {{{.5, .75}, {.1, .55}, {.12, .15}, {.5, 0}, {.88, .15}, {.9, .55}, {.5, .75}, {.05, 1.05}, {.08, 1.45}, {.5, 1.6}, {.92, 1.45}, {.95, 1.05}, {.5, .75}}},
      {{{.9, .5}, {.6, .8}, {.2, .75}, {.05, .4}, {.3, .03}, {.75, .05}, {.92, .4}, {.88, 1}, {.6, 1.6}}},
  }};
  return all[size_t(digit - '0')];
}

void append(std::string& path, char command, Point p) {
  char text[40];
  std::snprintf(text, sizeof text, "%c%.1f %.1f", command, p.x, p.y);
  path += text;
}

/// A smooth line through the points: quadratic curves from middle to middle.
void draw(std::string& path, const Stroke& stroke) {
  append(path, 'M', stroke.front());
  for (size_t i = 1; i + 1 < stroke.size(); ++i) {
    append(path, 'Q', stroke[i]);
    const Point& a = stroke[i];
    const Point& b = stroke[i + 1];
    append(path, ' ', i + 2 == stroke.size() ? b : Point{(a.x + b.x) / 2, (a.y + b.y) / 2});
  }
}

}  // namespace

std::string draw_digits(std::string_view digits, crypto::Random& random) {
  Dice dice(random);
  // One wave bends all of it, so that columns cannot be cut apart straight.
  const double phase = dice.between(0, 6.28), length = dice.between(60, 110), height = dice.between(2, 4);
  const auto bent = [&](Point p) {
    return Point{p.x + 2 * std::sin(p.y / 11 + phase), p.y + height * std::sin(p.x / length * 6.28 + phase)};
  };
  std::string path;
  const double step = double(kPictureWidth - 40) / double(digits.size());
  for (size_t i = 0; i < digits.size(); ++i) {
    const double angle = dice.between(-.3, .3), scale = dice.between(26, 31), slant = dice.between(-.2, .2);
    const double x0 = 24 + step * double(i) + dice.between(-4, 5), y0 = kPictureHeight / 2.0 + dice.between(-5, 5);
    for (const Stroke& stroke : strokes_of(digits[i])) {
      Stroke placed;
      for (const Point& p : stroke) {
        const double x = (p.x - .5 + slant * (p.y - .8) + dice.between(-.05, .05)) * scale, y = (p.y - .8 + dice.between(-.05, .05)) * scale;
        placed.push_back(bent({x0 + step / 4 + x * std::cos(angle) - y * std::sin(angle), y0 + x * std::sin(angle) + y * std::cos(angle)}));
      }
      draw(path, placed);
    }
  }
  for (int i = 0; i < 2; ++i) {
    Stroke line;
    for (int j = 0; j < 5; ++j) line.push_back({kPictureWidth * (j + dice.between(-.3, .3)) / 4.0, dice.between(4, kPictureHeight - 4.0)});
    draw(path, line);
  }
  return path;
}

}  // namespace gatehouse::attack_protection
