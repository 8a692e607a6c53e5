// print: size=960x1440 key=#231f3a spot=#f0a93a seed=31 knock=.9
// Dusk: the tower on its rock, one beam over a dark sea.
#declare Seed=4; #declare Haze=500; #declare HazeTop=16; #declare HazeTone=.45; #declare SunX=-.9; #declare SunY=.18; #declare SunZ=-.12; #declare SunLight=.95; #declare Fill=.03; #declare Ambient=.05;
#declare SkyLow=.62; #declare SkyHigh=.022; #declare SkyBand=.46;
#include "kit.inc"
#declare Eye=<4,3.2,-78>;
camera{location Eye look_at Eye+<.0,.205,1> right x*image_width/image_height angle 36}
Cloud(-8,3.2,5,.16) Cloud(6,2.5,7,.14) Cloud(9,6,4,.10) Cloud(-7,7.5,3,.10)
#declare Sea=function(a,b){sin(a*.10+b*.06)*.8+sin(a*.19-b*.10+1)*.5+sin(a*.05+b*.25+2)*.5+abs(sin(a*.3+b*.17))*.4-.2+sin(a*.66-b*.41)*.12}
Swell(Sea,2.4,-160,-77,160,420,560,.04)
// The rock.
#declare Crag=function(a,b){(1-pow(abs(a-.5)*2,1.7)-pow(abs(b-.5)*2,1.7)) + (Froth(a*1.3,b*1.3,.3)-.5)*.85 + (Blots(a*9,b*9,2)-.5)*.25}
height_field{function 300,300{max(0,min(1,.16+.62*Crag(x,y)))} translate<-.5,0,-.5> scale<46,9.5,34> translate<-4.5,-2.6,14> Tone(.13)}
union{
  #declare H=43;
  cone{0,4.3,y*H*.76,2.75 Tone(.80)} cone{-y*6,5.2,y*1.6,4.7 Tone(.35)}
  cone{y*H*.73,2.75,y*H*.775,3.9 Tone(.20)} cylinder{y*H*.775,y*H*.79,4.1 Tone(.12)}
  #declare i=0; #while(i<20) Bar(<3.95*cos(i*pi/10),H*.79,3.95*sin(i*pi/10)>,<3.95*cos(i*pi/10),H*.79+1.4,3.95*sin(i*pi/10)>,.055) #declare i=i+1; #end
  torus{3.95,.07 translate y*(H*.79+1.4)} torus{3.95,.05 translate y*(H*.79+.7)}
  cylinder{y*H*.79,y*H*.825,2.2 Tone(.3)} cylinder{y*H*.825,y*H*.915,1.9 Spot(.98)}
  #declare i=0; #while(i<8) Bar(<1.95*cos(i*pi/4+.2),H*.82,1.95*sin(i*pi/4+.2)>,<1.95*cos(i*pi/4+.2),H*.915,1.95*sin(i*pi/4+.2)>,.10) #declare i=i+1; #end
  cylinder{y*H*.912,y*H*.92,2.5} cone{y*H*.92,2.4,y*H*.985,.35} sphere{y*H*.995,.55} Bar(y*H,y*H*1.07,.10)
  #declare i=0; #while(i<4) box{<-.45,H*(.16+i*.15),-4.42+(.16+i*.15)*1.95>,<.45,H*(.16+i*.15)+1.7,-2> rotate y*(i*24-20) Flat(.006)} #declare i=i+1; #end
  box{<-.9,0,-5>,<.9,2.6,-3.5> rotate y*10 Flat(.006)}
  Tone(.008) translate<-4.5,5.8,14>}
box{<0,0,-2.5>,<7.5,3.4,2.5> Tone(.45) translate<0,5.6,15>} box{<0,-8,-2.8>,<8.2,0,2.8> Tone(.12) translate<0,5.7,15>} prism{linear_spline 0,7.9,4,<-2.9,0>,<2.9,0>,<0,1.9>,<-2.9,0> matrix<0,0,1, 1,0,0, 0,1,0, 0,0,0> translate<-.2,9.0,15> Tone(.02)} box{<4,6.6,12.3>,<5,7.9,12.6> Flat(.004)}
// The beam.
#declare Lens=<-4.5,43.2,13>;
#if (Plate=2) prism{linear_spline 0,.01,4,<0,-.55>,<60,-2.4>,<60,2.4>,<0,.55> no_shadow no_reflection
  pigment{gradient x color_map{[0 rgb 1][.25 rgb .9][.6 rgb .62][1 rgb .40]} scale 62} finish{ambient 1 diffuse 0} rotate x*90 rotate z*5 translate Lens} #end
Glow(Lens+z*6,9,.64)
Spray(<-19,-1,8>,9,7,-.15,2.2,T4,.4) Spray(<-11,-1.5,2>,5,9,.1,6.2,T4,.4) Spray(<7,-1.5,1>,4.5,9,.05,1.2,T4,.4) Spray(<15,-1,8>,6.5,6,.2,9.2,T4,.4) Spray(<-2,-2,-1>,3.4,10,0,4.2,T4,.4)
#declare i=0; #while(i<6) Gull(<Between(6,22),Between(18,36),Between(0,20)>,Between(.8,1.3),Between(-35,35),.01) #declare i=i+1; #end
