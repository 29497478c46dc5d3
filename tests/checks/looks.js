// What can be seen of a page only where it is laid out. Each look gives complaints, and [] where all is well.
(() => {
  const named = (element) => {
    const classes = [...element.classList].map((one) => `.${one}`).join("");
    return `${element.localName}${classes} "${element.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}"`;
  };
  const seen = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".unseen");
  const controls = () =>
    [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(seen);

  // Everything that is read, line by line, and everything that is pressed.
  const boxes = () => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode;
      if (!node.data.trim() || node.parentElement.closest("option, datalist, textarea") || !seen(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) if (box.width > 1) found.push({ element: node.parentElement, box });
    }
    for (const element of controls()) {
      if (element.matches("input, select, textarea, .button, button")) found.push({ element, box: element.getBoundingClientRect() });
    }
    return found;
  };

  const cut = () => {
    const found = [];
    const wide = document.scrollingElement.scrollWidth;
    if (wide > innerWidth) found.push(`${wide} px wide in a window of ${innerWidth}`);
    for (const { element, box } of boxes()) {
      if (box.left < -1 || box.right > innerWidth + 1) found.push(`reaches out of the window: ${named(element)}`);
    }
    for (const element of document.querySelectorAll("main *")) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const clips = overflowX !== "visible" || overflowY !== "visible";
      const less = element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1;
      if (clips && less && seen(element) && !element.matches("svg, input, textarea, select")) found.push(`is cut: ${named(element)}`);
    }
    return found;
  };

  const overlapping = () => {
    const found = [], all = boxes();
    for (const [at, one] of all.entries()) {
      for (const other of all.slice(at + 1)) {
        if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        // lines of text stand closer than their boxes are tall
        if (across > 2 && down > 6) found.push(`${named(one.element)} lies on ${named(other.element)}`);
      }
    }
    return found;
  };

  // A link within a sentence is as tall as its line (WCAG 2.5.8, Inline).
  const small = () =>
    controls()
      .filter((element) => !(element.matches("a") && getComputedStyle(element).display === "inline"))
      .filter((element) => !element.matches("label input"))
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return width < 24 || height < 24;
      })
      .map((element) => `smaller than 24 px: ${named(element)}`);

  const moving = () => {
    const found = document.getAnimations().map((one) => `is moved: ${named(one.effect.target)}`);
    if (getComputedStyle(document.documentElement).scrollBehavior === "smooth") found.push("scrolls smoothly");
    for (const element of document.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const long = `${style.transitionDuration}, ${style.animationDuration}`.split(", ").some((one) => parseFloat(one) > 0);
      if (long) found.push(`would move: ${named(element)}`);
    }
    return found;
  };

  const focused = () => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const over = document.elementFromPoint((left + right) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2);
    const within = element.closest("label") ?? element;
    const complaints = [];
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) complaints.push(`its focus is not seen: ${named(element)}`);
    if (!over || !(within.contains(over) || over.contains(element))) complaints.push(`is hidden while focused: ${named(element)}`);
    return { at: controls().indexOf(element), top: top + scrollY, bottom: bottom + scrollY, complaints, named: named(element) };
  };

  // What a stranger wrote must not turn the words around it.
  const loose = (word) => {
    const found = [];
    const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const { data, parentElement } = walk.currentNode;
      if (data.includes(word) && seen(parentElement) && !parentElement.closest("bdi, [dir=auto], option")) found.push(named(parentElement));
    }
    return found;
  };

  return { cut, overlapping, small, moving, focused, loose, controls: () => controls().map(named) };
})()
