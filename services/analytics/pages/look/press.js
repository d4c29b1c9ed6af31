/**
 * Nothing on the page changes between a press and its release: what comes meanwhile is shown right after, so that a click
 * ends on what it began on.
 */
(() => {
  let socket;
  let pressed = false;
  let held = [];

  const hold = (opened) => {
    const deliver = opened.onevent;
    opened.onevent = function (packet) {
      if (pressed) held.push(() => deliver.call(this, packet));
      else deliver.call(this, packet);
    };
  };
  Object.defineProperty(window, "socket", {
    configurable: true,
    get: () => socket,
    set: (opened) => {
      socket = opened;
      hold(opened);
    },
  });

  const release = () =>
    // the click follows the release at once
    setTimeout(() => {
      pressed = false;
      const waiting = held;
      held = [];
      for (const show of waiting) show();
    });
  addEventListener("pointerdown", () => {
    pressed = true;
  }, true);
  addEventListener("keydown", (event) => {
    if (event.key === " ") pressed = true;
  }, true);
  addEventListener("keyup", (event) => {
    if (event.key === " ") release();
  }, true);
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, release, true);
  addEventListener("blur", release); // of the window; elements lose the focus when another is pressed
})();
